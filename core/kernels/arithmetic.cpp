#include "unroll/core/kernels/arithmetic.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/arithmetic.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/arithmetic_ops-inl.hpp"
#include "unroll/core/kernels/map-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

UNROLL_BINARY_KERNEL(add, Add)
UNROLL_BINARY_KERNEL(subtract, Subtract)
UNROLL_BINARY_KERNEL(multiply, Multiply)
UNROLL_BINARY_KERNEL(divide, Divide)
UNROLL_BINARY_KERNEL(maximum, Maximum)
UNROLL_BINARY_KERNEL(minimum, Minimum)
UNROLL_BINARY_KERNEL(squared_difference, SquaredDifference)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_BINARY_DISPATCH(add)
UNROLL_BINARY_DISPATCH(subtract)
UNROLL_BINARY_DISPATCH(multiply)
UNROLL_BINARY_DISPATCH(divide)
UNROLL_BINARY_DISPATCH(maximum)
UNROLL_BINARY_DISPATCH(minimum)
UNROLL_BINARY_DISPATCH(squared_difference)
}  // namespace unroll::kernels
#endif
