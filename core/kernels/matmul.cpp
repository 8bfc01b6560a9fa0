#include "unroll/core/kernels/matmul.hpp"

#include <algorithm>
#include <xtensor-blas/xblas.hpp>

#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/blas.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll::kernels {
namespace {

int integer(Index i) { return static_cast<int>(i); }

// How many of `count` rows or columns, of `terms` products each, a thread takes at once: the larger side is shared out,
// and not too finely, as each part packs the other side again. It does not depend on the number of threads, as the
// bits may depend on it.
Index part_of(Index count, Index terms) {
  constexpr Index least_work = 3'000'000, least_count = 64, most_parts = 8;
  Index parts = 1;
  while (parts < most_parts && count >= 2 * parts * least_count * parts && count * terms >= 2 * parts * least_work)
    parts *= 2;
  return ((count - 1) / parts / 16 + 1) * 16;
}

template <class T>
void product(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const T* a, const T* b, T beta, T* c) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (beta == 0)
      fill(c, T{0}, m * n);
    else if (beta != 1)
      scale(c, beta, m * n);
    return;
  }
  prepare_blas();
  const int lda = integer(transpose_a ? m : k), ldb = integer(transpose_b ? k : n), ldc = integer(n);
  auto part = [&](Index rows, Index columns, const T* a_part, const T* b_part, T* c_part) {
    cxxblas::gemm<int>(cxxblas::RowMajor, transpose_a ? cxxblas::Trans : cxxblas::NoTrans,
                       transpose_b ? cxxblas::Trans : cxxblas::NoTrans, integer(rows), integer(columns), integer(k),
                       T{1}, a_part, lda, b_part, ldb, beta, c_part, ldc);
  };
  if (m >= n)
    parallel_for(0, m, part_of(m, n * k), [&](Index first, Index last) {
      part(last - first, n, a + first * (transpose_a ? 1 : k), b, c + first * n);
    });
  else
    parallel_for(0, n, part_of(n, m * k), [&](Index first, Index last) {
      part(m, last - first, a, b + first * (transpose_b ? k : 1), c + first);
    });
}

template <class T>
void products(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const T* a, Index a_step, const T* b,
              Index b_step, T beta, T* c, Index c_step, Index count) {
  for (Index i = 0; i < count; ++i)
    product(transpose_a, transpose_b, m, n, k, a + i * a_step, b + i * b_step, beta, c + i * c_step);
}

}  // namespace

void matmul(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const float* a, const float* b, float beta,
            float* c) {
  product(transpose_a, transpose_b, m, n, k, a, b, beta, c);
}
void matmul(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const double* a, const double* b,
            double beta, double* c) {
  product(transpose_a, transpose_b, m, n, k, a, b, beta, c);
}
void matmul_batch(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const float* a, Index a_step,
                  const float* b, Index b_step, float beta, float* c, Index c_step, Index count) {
  products(transpose_a, transpose_b, m, n, k, a, a_step, b, b_step, beta, c, c_step, count);
}
void matmul_batch(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const double* a, Index a_step,
                  const double* b, Index b_step, double beta, double* c, Index c_step, Index count) {
  products(transpose_a, transpose_b, m, n, k, a, a_step, b, b_step, beta, c, c_step, count);
}

}  // namespace unroll::kernels
