#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// Updates in place. x must be y or not overlap it. Products and sums are rounded one by one (no fused multiply-add), so
// the results are the same on every machine. Integers wrap around on overflow.
#define UNROLL_DECLARE_ACCUMULATE(T)                                                                                  \
  /** y[i] += x[i] */                                                                                                 \
  void add_to(T* y, const T* x, Index n);                                                                             \
  /** y[i] += alpha * x[i] */                                                                                         \
  void scale_add_to(T* y, T alpha, const T* x, Index n);                                                              \
  /** y[i] *= alpha */                                                                                                \
  void scale(T* y, T alpha, Index n);                                                                                 \
  /** y[i] = value */                                                                                                 \
  void fill(T* y, T value, Index n);                                                                                  \
  /** y[j] += x[0, j] + x[1, j] + ... in this order, one addition after the other, for x of shape [rows, columns]. */ \
  void add_rows_to(const T* x, Index rows, Index columns, T* y);

UNROLL_DECLARE_ACCUMULATE(float)
UNROLL_DECLARE_ACCUMULATE(double)
UNROLL_DECLARE_ACCUMULATE(std::int32_t)
UNROLL_DECLARE_ACCUMULATE(std::int64_t)
#undef UNROLL_DECLARE_ACCUMULATE

void fill(bool* y, bool value, Index n);

}  // namespace unroll::kernels
