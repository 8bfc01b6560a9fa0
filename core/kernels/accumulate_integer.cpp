#include <algorithm>
#include <functional>

#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/integer.hpp"

namespace unroll::kernels {

#define UNROLL_INTEGER_ACCUMULATE(T)                                                                                \
  void add_to(T* y, const T* x, Index n) {                                                                          \
    for (Index i = 0; i < n; ++i) y[i] = wrapping(std::plus<>(), y[i], x[i]);                                       \
  }                                                                                                                 \
  void scale_add_to(T* y, T alpha, const T* x, Index n) {                                                           \
    for (Index i = 0; i < n; ++i) y[i] = wrapping(std::plus<>(), y[i], wrapping(std::multiplies<>(), alpha, x[i])); \
  }                                                                                                                 \
  void scale(T* y, T alpha, Index n) {                                                                              \
    for (Index i = 0; i < n; ++i) y[i] = wrapping(std::multiplies<>(), y[i], alpha);                                \
  }                                                                                                                 \
  void fill(T* y, T value, Index n) { std::fill_n(y, n, value); }                                                   \
  void add_rows_to(const T* x, Index rows, Index columns, T* y) {                                                   \
    for (Index r = 0; r < rows; ++r) add_to(y, x + r * columns, columns);                                           \
  }

UNROLL_INTEGER_ACCUMULATE(std::int32_t)
UNROLL_INTEGER_ACCUMULATE(std::int64_t)

void fill(bool* y, bool value, Index n) { std::fill_n(y, n, value); }

}  // namespace unroll::kernels
