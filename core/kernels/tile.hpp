#pragma once

#include <cstdint>

#include "unroll/core/kernels/index.hpp"
#include "unroll/core/kernels/tile_op.hpp"

namespace unroll::kernels {

// Instructions on tiles: some rows of blocked matrices (blocked.hpp), small enough to stay in the cache from one
// instruction to the next. The compiled executor runs lists of them where a step graph has elementwise ops and
// reductions over the columns. An element's result depends on the elements it is made of alone, not on its place nor on
// the size of the tile; tanh, sigmoid and all other functions give the same bits as the library's other kernels.

/// A register: element (row, column) is p[(column / lanes) * block_stride + row * row_stride + column % lanes].
///   a matrix                                        {p, block_stride, lanes}
///   a number for each column, the same in all rows  {p, lanes, 0}
///   a number for each row, repeated in the lanes    {p, 0, lanes}
///   one number, repeated in the lanes               {p, 0, 0}
template <class T>
struct TileOperand {
  T* p;
  Index block_stride;
  Index row_stride;
};

template <class T>
struct TileInstruction;

/// Runs an instruction on `rows` rows and `blocks` blocks. `columns` is the number of columns without padding, which
/// reductions need: blocks = ceil(columns / lanes).
template <class T>
using TileFunction = void (*)(const TileInstruction<T>& instruction, const TileOperand<T>* registers, Index blocks,
                              Index rows, Index columns);

template <class T>
struct TileInstruction {
  TileFunction<T> function;
  std::uint16_t out;  // a matrix; for reductions a number for each row, repeated in the lanes
  std::uint16_t in[most_operands];
  /// A reduction goes over the columns of so many matrices of equal width. They follow each other in `in`: first the
  /// first operands of all parts, then the second ones.
  std::uint16_t parts = 1;
};

// `out` may also be an input: the same elements in the same place.

/// The function for this machine and blocks with `lanes` lanes, one of block_lanes().
template <class T>
TileFunction<T> tile_function(TileOp op, int lanes);

}  // namespace unroll::kernels
