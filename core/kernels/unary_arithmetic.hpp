#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// y[i] = f(x[i]) for 0 <= i < n; y may be x. Each operation is rounded on its own, so the results are the same on every
// machine. NaN gives NaN. Integers wrap around on overflow.
#define UNROLL_DECLARE_UNARY(name, T) void name(const T* x, T* y, Index n);
#define UNROLL_DECLARE_UNARY_FLOATS(name) UNROLL_DECLARE_UNARY(name, float) UNROLL_DECLARE_UNARY(name, double)
#define UNROLL_DECLARE_UNARY_NUMBERS(name) \
  UNROLL_DECLARE_UNARY_FLOATS(name) UNROLL_DECLARE_UNARY(name, std::int32_t) UNROLL_DECLARE_UNARY(name, std::int64_t)

UNROLL_DECLARE_UNARY_NUMBERS(square)
UNROLL_DECLARE_UNARY_NUMBERS(negative)
UNROLL_DECLARE_UNARY_NUMBERS(abs)

/// -1, 0 or 1; +0 for -0.
UNROLL_DECLARE_UNARY_NUMBERS(sign)

UNROLL_DECLARE_UNARY_FLOATS(sqrt)

/// 1 / sqrt(x), two roundings.
UNROLL_DECLARE_UNARY_FLOATS(rsqrt)

#undef UNROLL_DECLARE_UNARY_NUMBERS
#undef UNROLL_DECLARE_UNARY_FLOATS
#undef UNROLL_DECLARE_UNARY

}  // namespace unroll::kernels
