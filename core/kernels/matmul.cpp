#include "unroll/core/kernels/matmul.hpp"

#include <algorithm>
#include <xtensor-blas/xblas.hpp>

#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/blas.hpp"

namespace unroll::kernels {
namespace {

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
  auto integer = [](Index i) { return static_cast<int>(i); };
  cxxblas::gemm<int>(cxxblas::RowMajor, transpose_a ? cxxblas::Trans : cxxblas::NoTrans,
                     transpose_b ? cxxblas::Trans : cxxblas::NoTrans, integer(m), integer(n), integer(k), T{1}, a,
                     integer(transpose_a ? m : k), b, integer(transpose_b ? k : n), beta, c, integer(n));
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
