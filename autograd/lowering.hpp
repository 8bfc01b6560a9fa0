#pragma once
// Lowering: what an op says of itself to the compiler of cells, which turns a traced step into blocked products and
// tile programs (rnn/compile). Rows are the first axis of what depends on a step's inputs or state.
#include <array>
#include <cstdint>

#include "unroll/core/kernels/tile_op.hpp"
#include "unroll/core/shape.hpp"

namespace unroll {

struct Lowering {
  enum class Kind : std::uint8_t {
    unknown,
    elementwise,     // `op` of the inputs, broadcast together, and of `numbers`
    matmul,          // op(a) op(b), transposed as said
    concat,          // along `axis`
    split,           // into the outputs, along `axis`
    stack,           // along the new `axis`
    unstack,         // into the outputs, along `axis`, which goes
    slice,           // element (i, j, ...) of the result is number first + i * strides[0] + j * strides[1] + ... of x
    slice_gradient,  // the adjoint of slice: zeros around x
    reshape,         // the same elements in the same order
    broadcast,       // to the shape of the output
    sum_to,          // over what was broadcast to make x of the output's shape
    sum,             // over the axes whose bits are set in `axis`
    mean,            // likewise
    max,             // likewise
    dropout,         // numbers[0] of the elements become 0, by `mask`
  };
  /// Which random words a dropout uses: element k of a row that is number r of the batch is dropped by word
  /// offset + r * width + k, or, if all rows share their words, offset + k.
  struct Mask {
    std::uint64_t seed = 0, stream = 0, offset = 0;
    bool shared = false;
    friend bool operator==(const Mask&, const Mask&) = default;
  };
  Kind kind = Kind::unknown;
  kernels::TileOp op = kernels::TileOp::copy;
  bool transpose_a = false, transpose_b = false;
  int axis = 0;
  Index first = 0;
  std::array<Index, Shape::max_rank> strides{};
  int number_count = 0;
  std::array<double, 2> numbers{};
  Mask mask = {};

  static Lowering elementwise(kernels::TileOp op) { return {.kind = Kind::elementwise, .op = op}; }
  static Lowering elementwise(kernels::TileOp op, double number) {
    return {.kind = Kind::elementwise, .op = op, .number_count = 1, .numbers = {number}};
  }
  static Lowering elementwise(kernels::TileOp op, double first, double second) {
    return {.kind = Kind::elementwise, .op = op, .number_count = 2, .numbers = {first, second}};
  }
};

}  // namespace unroll
