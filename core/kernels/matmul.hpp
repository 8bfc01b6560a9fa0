#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

/// What BLAS can count.
inline constexpr Index matmul_max_dimension = 0x7fffffff;

// Matrix products on OpenBLAS, large ones in parts on the threads of the library. Matrices are row-major without gaps,
// and c overlaps neither a nor b. The bits depend on the machine's instruction set; the same call gives the same bits
// on the same machine, for any number of threads.
#define UNROLL_DECLARE_MATMUL(T)                                                                                      \
  /** c = op(a) op(b) + beta c, c of shape [m, n]. op(a) is [m, k]: a itself, or with transpose_a the transpose of a, \
      which is [k, m] then; likewise op(b), [k, n]. With beta = 0, c is not read. k = 0 gives beta c. m, n and k are  \
     at most matmul_max_dimension. */                                                                                 \
  void matmul(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const T* a, const T* b, T beta, T* c);   \
  /** The same `count` times: the i-th product takes its matrices at a + i * a_step, b + i * b_step and c + i *       \
     c_step; a step of 0 uses one matrix every time (for c with beta = 1: sums the products). */                      \
  void matmul_batch(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const T* a, Index a_step,          \
                    const T* b, Index b_step, T beta, T* c, Index c_step, Index count);

UNROLL_DECLARE_MATMUL(float)
UNROLL_DECLARE_MATMUL(double)
#undef UNROLL_DECLARE_MATMUL

}  // namespace unroll::kernels
