#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

// Binary arithmetic, element by element: y[i] = a[i * a_stride] op b[i * b_stride] for 0 <= i < n.
// A stride is 1, or 0 for one value that serves the whole run. y may be a or b (with any stride), but must not overlap
// them otherwise. The results are the correctly rounded ones of IEEE 754, so they are the same on every machine.
// Integers wrap around on overflow. There is no integer division: what it means when the divisor is 0 is the op's
// affair.
#define UNROLL_DECLARE_BINARY(name, T) void name(const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n);
#define UNROLL_DECLARE_BINARY_FLOATS(name) UNROLL_DECLARE_BINARY(name, float) UNROLL_DECLARE_BINARY(name, double)
#define UNROLL_DECLARE_BINARY_NUMBERS(name) \
  UNROLL_DECLARE_BINARY_FLOATS(name)        \
  UNROLL_DECLARE_BINARY(name, std::int32_t) UNROLL_DECLARE_BINARY(name, std::int64_t)

UNROLL_DECLARE_BINARY_NUMBERS(add)
UNROLL_DECLARE_BINARY_NUMBERS(subtract)
UNROLL_DECLARE_BINARY_NUMBERS(multiply)
UNROLL_DECLARE_BINARY_FLOATS(divide)

/// The larger and the smaller one: NaN if either is NaN; -0 is less than +0.
UNROLL_DECLARE_BINARY_NUMBERS(maximum)
UNROLL_DECLARE_BINARY_NUMBERS(minimum)

/// (a - b)^2
UNROLL_DECLARE_BINARY_NUMBERS(squared_difference)

#undef UNROLL_DECLARE_BINARY_NUMBERS
#undef UNROLL_DECLARE_BINARY_FLOATS
#undef UNROLL_DECLARE_BINARY

}  // namespace unroll::kernels
