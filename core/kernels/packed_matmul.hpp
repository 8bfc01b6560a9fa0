#pragma once

#include "unroll/core/cached_vector.hpp"
#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// Matrix products of blocked matrices (blocked.hpp), on one thread. Sums have a fixed order, so that a number depends
// neither on how many rows or blocks a call computes nor on how threads share them.

/// A factor a with k columns, blocked, and the packed b with k rows that it is multiplied by.
template <class T>
struct MatmulTerm {
  const T* a;
  Index a_stride;  // between blocks
  Index k;
  const T* b;  // packed; or, of a call with one column, k numbers and room for whole blocks of them
};

/// c = start + sum over the terms of a b, where start is 0, a bias for every row, or what c holds.
/// Each element is one chain of (fused) multiply-adds: terms in order, k ascending. With one column, each lane of a
/// block has such a chain, and all of them are added up.
template <class T>
struct MatmulCall {
  const MatmulTerm<T>* terms;
  Index term_count;
  Index rows;
  Index first_block, last_block;  // of c: [first_block, last_block); first_block is a multiple of panel_blocks
  T* c;                           // block 0, row 0
  Index c_stride;
  const T* bias;    // null, or last_block * lanes numbers
  bool accumulate;  // start with c; bias is null then
  bool backwards;   // last columns first: alternating calls find a part of a b too large for the cache still in it
  bool one_column = false;  // c has one block, with the same number in all lanes
};

/// Some columns of a term's a and as many rows of its b.
template <class T>
struct MatmulPiece {
  const T* a;
  Index a_stride, k;
  const T* b;
  Index panel_size;  // of all of b
};

/// Computes a few rows and blocks of c, from `row` and `block`. May fetch what lies from `ahead` on, if not null.
template <class T>
using MatmulTile = void (*)(const MatmulCall<T>& call, const MatmulPiece<T>* pieces, Index count, Index row,
                            Index block, const T* ahead);

/// Calls taken apart once, to be run many times.
template <class T>
struct PreparedMatmul {
  struct Tile {
    MatmulTile<T> function;
    std::size_t call, first_piece;
    Index pieces, row, block;
    const T* ahead;
  };
  CachedVector<MatmulCall<T>> calls;  // one after another, each for some of k
  CachedVector<MatmulPiece<T>> pieces;
  CachedVector<Tile> tiles;

  void run(std::size_t first_tile, std::size_t last_tile) const noexcept {
    for (std::size_t k = first_tile; k < last_tile; ++k) {
      const Tile& t = tiles[k];
      t.function(calls[t.call], &pieces[t.first_piece], t.pieces, t.row, t.block, t.ahead);
    }
  }
};

/// Rows a_row ... a_row + count of one matrix, each with its own among b_row ... b_row + count of another.
struct RowRun {
  Index a_row, b_row, count;
};

/// c = [c +] sum over the runs, over their rows i, of a(a_row + i, :)^T b(b_row + i, :), a and b blocked, c row-major.
/// Each element is one chain of (fused) multiply-adds in the order of the runs.
template <class T>
struct OuterCall {
  const T* a;
  Index a_stride;
  Index first_m, last_m;  // columns of a, rows of c, that are computed
  const T* b;
  Index b_stride;
  Index first_block, last_block;  // blocks of b, columns of c, that are computed
  const RowRun* runs;
  Index run_count;
  T* c;            // row 0, column 0
  Index c_stride;  // between rows: a multiple of lanes, room for whole blocks; the padding becomes undefined
  bool accumulate;
};

template <class T>
struct MatmulKernels {
  int lanes;
  /// Of products, as a share of the speed with the widest blocks.
  double speed;
  /// Blocks of columns that lie side by side in a panel of a packed matrix, and are computed together.
  int panel_blocks;
  void (*multiply)(const MatmulCall<T>&);
  /// Adds to `prepared` what multiply() would do. The terms need not outlive the call of prepare(), the numbers have
  /// to. The pieces of k follow each other as the terms do.
  void (*prepare)(const MatmulCall<T>&, PreparedMatmul<T>& prepared);
  void (*multiply_rows)(const OuterCall<T>&);
  /// c[j] = [c[j] +] sum of column j of b over the rows of the runs. Ignores a, first_m, last_m and c_stride.
  void (*sum_rows)(const OuterCall<T>&);
  /// The same of the products of the elements of a and b, both with the blocks of the call.
  void (*sum_row_products)(const OuterCall<T>&);
};

/// The kernels for this machine and one of block_lanes().
template <class T>
MatmulKernels<T> matmul_kernels(int lanes);

/// How many numbers a packed k x n matrix has.
template <class T>
Index packed_size(int lanes, Index k, Index n);

/// Packs b, whose element (i, j) is b[i * row_stride + j * column_stride]; one of the strides is 1. Writes the panels
/// that hold blocks [first_block, last_block) only, with 0 for columns past n.
template <class T>
void pack(int lanes, const T* b, Index row_stride, Index column_stride, Index k, Index n, Index first_block,
          Index last_block, T* packed);

}  // namespace unroll::kernels
