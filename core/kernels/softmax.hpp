#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// Over each row of a [rows, columns] matrix, shifted by the row's maximum m so that nothing overflows; y may be x. A
// row's result depends on that row alone. The sums follow the tree of reduction.hpp. A row with NaN or +infinity, or
// with nothing but -infinity, becomes NaN; with infinities TensorFlow does the same.
#define UNROLL_DECLARE_SOFTMAX(T)                                                                      \
  /** exp(x - m) / sum(exp(x - m)) */                                                                  \
  void softmax_rows(const T* x, Index rows, Index columns, T* y);                                      \
  /** (x - m) - log(sum(exp(x - m))) */                                                                \
  void log_softmax_rows(const T* x, Index rows, Index columns, T* y);                                  \
  /** log(sum(exp(x - *shift))) of one row; *shift becomes its maximum, or 0 if that is not finite. */ \
  T log_sum_exp(const T* x, Index n, T* shift);

UNROLL_DECLARE_SOFTMAX(float)
UNROLL_DECLARE_SOFTMAX(double)
#undef UNROLL_DECLARE_SOFTMAX

}  // namespace unroll::kernels
