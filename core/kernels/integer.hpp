// Helpers of the integer kernels: plain loops, which the compiler vectorises.
#pragma once

#include <type_traits>

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

/// Two's complement arithmetic that wraps around: calculates op on the unsigned counterparts.
template <class T, class Op>
T wrapping(Op op, T a, T b) {
  using U = std::make_unsigned_t<T>;
  return static_cast<T>(op(static_cast<U>(a), static_cast<U>(b)));
}

template <class T, class Op>
void map_integers(Op op, const T* x, T* y, Index n) {
  for (Index i = 0; i < n; ++i) y[i] = op(x[i]);
}

template <class T, class Op>
void map_integers(Op op, const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n) {
  if (n <= 0) return;
  const T a0 = *a, b0 = *b;
  if (a_stride == 0 && b_stride == 0) {
    for (Index i = 0; i < n; ++i) y[i] = op(a0, b0);
  } else if (a_stride == 0) {
    for (Index i = 0; i < n; ++i) y[i] = op(a0, b[i]);
  } else if (b_stride == 0) {
    for (Index i = 0; i < n; ++i) y[i] = op(a[i], b0);
  } else {
    for (Index i = 0; i < n; ++i) y[i] = op(a[i], b[i]);
  }
}

}  // namespace unroll::kernels
