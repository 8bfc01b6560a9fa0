#include <functional>

#include "unroll/core/kernels/integer.hpp"
#include "unroll/core/kernels/unary_arithmetic.hpp"

namespace unroll::kernels {
namespace {

constexpr auto squared = [](auto x) { return wrapping(std::multiplies<>(), x, x); };
constexpr auto negated = [](auto x) { return wrapping(std::minus<>(), decltype(x)(0), x); };
constexpr auto absolute = [](auto x) { return x < 0 ? negated(x) : x; };
constexpr auto sign_of = [](auto x) { return decltype(x)((x > 0) - (x < 0)); };

}  // namespace

#define UNROLL_INTEGER_UNARY(name, op)                                                      \
  void name(const std::int32_t* x, std::int32_t* y, Index n) { map_integers(op, x, y, n); } \
  void name(const std::int64_t* x, std::int64_t* y, Index n) { map_integers(op, x, y, n); }

UNROLL_INTEGER_UNARY(square, squared)
UNROLL_INTEGER_UNARY(negative, negated)
UNROLL_INTEGER_UNARY(abs, absolute)
UNROLL_INTEGER_UNARY(sign, sign_of)

}  // namespace unroll::kernels
