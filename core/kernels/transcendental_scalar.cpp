// The functions that are rare in training: the C library's, element by element.
#include <cmath>

#include "unroll/core/kernels/transcendental.hpp"

namespace unroll::kernels {

#define UNROLL_SCALAR_TRANSCENDENTALS(T)                                                       \
  void sin(const T* x, T* y, Index n) {                                                        \
    for (Index i = 0; i < n; ++i) y[i] = std::sin(x[i]);                                       \
  }                                                                                            \
  void cos(const T* x, T* y, Index n) {                                                        \
    for (Index i = 0; i < n; ++i) y[i] = std::cos(x[i]);                                       \
  }                                                                                            \
  void power(const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n) {          \
    if (n <= 0) return;                                                                        \
    const T a0 = *a, b0 = *b;                                                                  \
    for (Index i = 0; i < n; ++i) y[i] = std::pow(a_stride ? a[i] : a0, b_stride ? b[i] : b0); \
  }

UNROLL_SCALAR_TRANSCENDENTALS(float)
UNROLL_SCALAR_TRANSCENDENTALS(double)

}  // namespace unroll::kernels
