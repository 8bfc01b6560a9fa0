#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// Activations, y[i] = f(x[i]) for 0 <= i < n; y may be x. An element's result depends on its value alone, not on its
// position nor on n, and is the same in every path of the library. NaN gives NaN.
// The error of tanh and sigmoid is below 2 ulp in float (the denormal results of sigmoid included) and below 4 in
// double. The bits may differ between a machine with fused multiply-add and one without (before AVX2).
#define UNROLL_DECLARE_ACTIVATIONS(T)                                         \
  void tanh(const T* x, T* y, Index n);                                       \
  /** 1 / (1 + exp(-x)) */                                                    \
  void sigmoid(const T* x, T* y, Index n);                                    \
  /** max(x, 0); +0 for -0 */                                                 \
  void relu(const T* x, T* y, Index n);                                       \
  /** log(1 + exp(x)), without overflow or cancellation; error below 4 ulp */ \
  void softplus(const T* x, T* y, Index n);

UNROLL_DECLARE_ACTIVATIONS(float)
UNROLL_DECLARE_ACTIVATIONS(double)
#undef UNROLL_DECLARE_ACTIVATIONS

// Gradients from the activation's output y and the gradient g that reaches it; strides and aliasing as in
// arithmetic.hpp. Products and differences are rounded one by one, so the results are the same on every machine.
#define UNROLL_DECLARE_ACTIVATION_GRADIENTS(T)                                                       \
  /** (g * y) * (1 - y) */                                                                           \
  void sigmoid_gradient(const T* y, Index y_stride, const T* g, Index g_stride, T* result, Index n); \
  /** g * (1 - y * y) */                                                                             \
  void tanh_gradient(const T* y, Index y_stride, const T* g, Index g_stride, T* result, Index n);    \
  /** g where y > 0, else 0 (where y is NaN, too) */                                                 \
  void relu_gradient(const T* y, Index y_stride, const T* g, Index g_stride, T* result, Index n);

UNROLL_DECLARE_ACTIVATION_GRADIENTS(float)
UNROLL_DECLARE_ACTIVATION_GRADIENTS(double)
#undef UNROLL_DECLARE_ACTIVATION_GRADIENTS

}  // namespace unroll::kernels
