#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// y[i] = f(x[i]) for 0 <= i < n; y may be x. An element's result depends on its value alone, not on its position nor on
// n. Zeros, denormals, infinities and NaN give what the C library's functions give. The error is below 4 ulp. The bits
// may differ between a machine with fused multiply-add and one without (before AVX2), and between C libraries.
#define UNROLL_DECLARE_TRANSCENDENTALS(T)                                                                  \
  void exp(const T* x, T* y, Index n);                                                                     \
  /** exp(x) - 1 without cancellation */                                                                   \
  void expm1(const T* x, T* y, Index n);                                                                   \
  void log(const T* x, T* y, Index n);                                                                     \
  /** log(1 + x) without cancellation */                                                                   \
  void log1p(const T* x, T* y, Index n);                                                                   \
  void sin(const T* x, T* y, Index n);                                                                     \
  void cos(const T* x, T* y, Index n);                                                                     \
  /** y[i] = a[i * a_stride] to the power of b[i * b_stride]; strides and aliasing as in arithmetic.hpp */ \
  void power(const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n);

UNROLL_DECLARE_TRANSCENDENTALS(float)
UNROLL_DECLARE_TRANSCENDENTALS(double)
#undef UNROLL_DECLARE_TRANSCENDENTALS

}  // namespace unroll::kernels
