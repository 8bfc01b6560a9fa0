#include <algorithm>
#include <functional>

#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/integer.hpp"

namespace unroll::kernels {
namespace {

template <class Op>
struct Wrapping {
  template <class T>
  T operator()(T a, T b) const {
    return wrapping(Op(), a, b);
  }
};
constexpr auto larger = [](auto a, auto b) { return std::max(a, b); };
constexpr auto smaller = [](auto a, auto b) { return std::min(a, b); };
constexpr auto difference_squared = [](auto a, auto b) {
  const auto difference = wrapping(std::minus<>(), a, b);
  return wrapping(std::multiplies<>(), difference, difference);
};

}  // namespace

#define UNROLL_INTEGER_BINARY(name, op, T)                                           \
  void name(const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n) { \
    map_integers(op, a, a_stride, b, b_stride, y, n);                                \
  }
#define UNROLL_INTEGER_BINARIES(name, op) \
  UNROLL_INTEGER_BINARY(name, op, std::int32_t) UNROLL_INTEGER_BINARY(name, op, std::int64_t)

UNROLL_INTEGER_BINARIES(add, Wrapping<std::plus<>>())
UNROLL_INTEGER_BINARIES(subtract, Wrapping<std::minus<>>())
UNROLL_INTEGER_BINARIES(multiply, Wrapping<std::multiplies<>>())
UNROLL_INTEGER_BINARIES(maximum, larger)
UNROLL_INTEGER_BINARIES(minimum, smaller)
UNROLL_INTEGER_BINARIES(squared_difference, difference_squared)

}  // namespace unroll::kernels
