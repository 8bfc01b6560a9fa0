#pragma once

#include <span>

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// Blocked layout, in which the compiled executor holds its matrices: a matrix of R rows and N columns lies in blocks of
// L = `lanes` columns, element (row, column) at
//   p[(column / L) * block_stride + row * L + column % L],
// where block_stride is at least R * L, and an odd multiple of L so that blocks do not alias in the cache.
// A row of a block is one vector, rows follow each other without gaps, and there are no tails: lanes past column N are
// padding. Padding may hold anything, NaN too; no kernel lets it reach an element.

/// The numbers of lanes that blocks of T may have on this machine, widest first: a whole vector and, where vectors have
/// more than 128 bits, half of one ({16, 8} for float with AVX-512, {4, 2} for double with AVX2, {4} for float with
/// SSE4).
template <class T>
std::span<const int> block_lanes();

/// Row r of the blocked y becomes row row_index[r] (r if row_index is null) of the row-major x, for 0 <= r < rows.
/// Padding becomes 0.
template <class T>
void to_blocks(const T* x, Index x_row_stride, const Index* row_index, Index rows, Index columns, int lanes, T* y,
               Index y_block_stride);

/// The reverse: row row_index[r] (r if row_index is null) of the row-major x becomes row r of the blocked y. Nothing
/// else in x is written.
template <class T>
void from_blocks(const T* y, Index y_block_stride, Index rows, Index columns, int lanes, T* x, Index x_row_stride,
                 const Index* row_index);

}  // namespace unroll::kernels
