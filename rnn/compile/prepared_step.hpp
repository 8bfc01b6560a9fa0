#pragma once
// PreparedStep: the kernels of a step taken apart once, with all pointers in place, and run at every other step of a
// loop, or of a StepFunction: finding them anew takes a third of a step of one row.
#include <span>

#include "unroll/core/kernels/packed_matmul.hpp"
#include "unroll/core/kernels/tile.hpp"
#include "unroll/core/shape.hpp"

namespace unroll::compile {

template <class T>
class PreparedStep {
 public:
  void clear();
  /// After a run c lies c_move numbers further on, and the matrix of term k a_moves[k] numbers, unless that is null.
  void add(const kernels::MatmulKernels<T>& matmul, const kernels::MatmulCall<T>& call, const Index* a_moves,
           Index c_move);
  /// Registers for instructions; after a run register k lies moves[k] numbers further on, or, if that is null, where it
  /// was. Returns the number of the first.
  std::size_t add(std::span<const kernels::TileOperand<T>> registers, const Index* moves);
  /// An instruction, which has to outlive the step, on registers from this one on.
  void add(const kernels::TileInstruction<T>& instruction, std::size_t first_register, Index blocks, Index rows,
           Index columns);
  /// Runs the step and moves on.
  void run() noexcept;

 private:
  struct Operation {
    const kernels::TileInstruction<T>* instruction;  // null: tiles [first, last) of the products
    std::size_t first, last;                         // the first of the registers
    Index blocks, rows, columns;
  };
  struct Move {
    std::size_t number;
    Index by;
  };

  CachedVector<Operation> operations_;
  CachedVector<kernels::TileOperand<T>> registers_;
  kernels::PreparedMatmul<T> products_;
  CachedVector<Move> register_moves_, piece_moves_, call_moves_;
};

extern template class PreparedStep<float>;
extern template class PreparedStep<double>;

}  // namespace unroll::compile
