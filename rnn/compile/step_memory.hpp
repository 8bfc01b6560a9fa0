#pragma once
// StepMemory: the buffers of one state of a StepFunction, and the calls of kernels on them, with all pointers in place.
#include "unroll/core/kernels/packed_matmul.hpp"
#include "unroll/core/kernels/tile.hpp"
#include "unroll/rnn/compile/join_instructions.hpp"
#include "unroll/rnn/compile/numbers.hpp"
#include "unroll/rnn/compile/plan.hpp"
#include "unroll/rnn/compile/prepared_step.hpp"

namespace unroll::compile {

/// What a StepMemory is made from: where the weights lie.
template <class T>
struct StepWeights {
  int lanes;
  kernels::MatmulKernels<T> matmul;
  std::vector<std::vector<kernels::TileInstruction<T>>> programs;
  std::vector<std::vector<bool>> narrow;
  std::vector<T*> packed, biases, columns, numbers;
  Index widest_joined;
};

template <class T>
class StepMemory {
 public:
  StepMemory(const Plan& plan, const StepWeights<T>& weights, const LeafWidths& widths, Index batch);

  void step(const T* inputs, T* outputs) noexcept;
  /// Copies a state part to or from row-major rows that are `row` numbers apart.
  void write_state(const Copy& part, const T* from, Index row);
  void read_state(const Copy& part, T* to, Index row) const;

 private:
  struct Place {
    T* p;
    Index stride;
  };
  struct Move {
    Place place;
    Index leaf, width, row;  // first number in the inputs or outputs, columns, numbers from row to row
  };
  Index blocks(Index width) const { return (width + weights_.lanes - 1) / weights_.lanes; }
  Place at(Ref ref, int parity) const;
  void allocate();
  void prepare(int parity);
  void add_product(const Product& product, int parity);
  void add_program(int number, int parity);
  void load(const Move& move, const T* from) const noexcept;
  void store(const Move& move, T* to) const noexcept;

  const Plan& plan_;
  const StepWeights<T>& weights_;
  Index batch_;
  Index stride_;  // between blocks, of everything
  Numbers<T> memory_;
  T* temporaries_;
  std::vector<Place> places_, other_;     // by buffer; of states: after even steps, after odd ones
  std::vector<std::vector<Join>> joins_;  // by program
  std::vector<std::vector<T*>> joined_;   // where their results are
  PreparedStep<T> steps_[2];              // even and odd ones
  std::vector<std::vector<kernels::TileInstruction<T>>> codes_;  // of programs
  std::vector<Move> in_, out_[2];
  int parity_ = 0;
};

extern template class StepMemory<float>;
extern template class StepMemory<double>;

}  // namespace unroll::compile
