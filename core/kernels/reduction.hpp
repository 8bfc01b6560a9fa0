#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// Reductions of x[0 .. n) to one value.
//
// Floating-point sums follow a fixed tree, so the result depends neither on the machine nor on alignment: element i
// goes to partial sum i mod P (P = 32 for float, 16 for double); partial sums restart at each 4096 elements and are
// added to totals of the same P; at the end total p and total p + P/2 are added, then p and p + P/4, ... Appending
// zeros therefore changes no bit. Products are rounded before they are added. Integers wrap around on overflow.
#define UNROLL_DECLARE_REDUCTIONS(T)                                                                    \
  /** 0 if n = 0 */                                                                                     \
  T sum(const T* x, Index n);                                                                           \
  /** x[0] * y[0] + x[1] * y[1] + ...  */                                                               \
  T dot(const T* x, const T* y, Index n);                                                               \
  /** dot(x, x, n) */                                                                                   \
  T sum_of_squares(const T* x, Index n);                                                                \
  /** NaN if any element is NaN; +0 is larger than -0; -infinity, or the smallest integer, if n = 0. */ \
  T max(const T* x, Index n);                                                                           \
  /** NaN if any element is NaN; -0 is smaller than +0; infinity, or the largest integer, if n = 0. */  \
  T min(const T* x, Index n);

UNROLL_DECLARE_REDUCTIONS(float)
UNROLL_DECLARE_REDUCTIONS(double)
UNROLL_DECLARE_REDUCTIONS(std::int32_t)
UNROLL_DECLARE_REDUCTIONS(std::int64_t)
#undef UNROLL_DECLARE_REDUCTIONS

}  // namespace unroll::kernels
