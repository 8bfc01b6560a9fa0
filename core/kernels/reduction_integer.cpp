#include <algorithm>
#include <functional>
#include <limits>

#include "unroll/core/kernels/integer.hpp"
#include "unroll/core/kernels/reduction.hpp"

namespace unroll::kernels {

#define UNROLL_INTEGER_REDUCTIONS(T)                                                                                 \
  T sum(const T* x, Index n) {                                                                                       \
    T total = 0;                                                                                                     \
    for (Index i = 0; i < n; ++i) total = wrapping(std::plus<>(), total, x[i]);                                      \
    return total;                                                                                                    \
  }                                                                                                                  \
  T dot(const T* x, const T* y, Index n) {                                                                           \
    T total = 0;                                                                                                     \
    for (Index i = 0; i < n; ++i) total = wrapping(std::plus<>(), total, wrapping(std::multiplies<>(), x[i], y[i])); \
    return total;                                                                                                    \
  }                                                                                                                  \
  T sum_of_squares(const T* x, Index n) { return dot(x, x, n); }                                                     \
  T max(const T* x, Index n) {                                                                                       \
    T largest = std::numeric_limits<T>::min();                                                                       \
    for (Index i = 0; i < n; ++i) largest = std::max(largest, x[i]);                                                 \
    return largest;                                                                                                  \
  }                                                                                                                  \
  T min(const T* x, Index n) {                                                                                       \
    T smallest = std::numeric_limits<T>::max();                                                                      \
    for (Index i = 0; i < n; ++i) smallest = std::min(smallest, x[i]);                                               \
    return smallest;                                                                                                 \
  }

UNROLL_INTEGER_REDUCTIONS(std::int32_t)
UNROLL_INTEGER_REDUCTIONS(std::int64_t)

}  // namespace unroll::kernels
