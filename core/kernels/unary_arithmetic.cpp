#include "unroll/core/kernels/unary_arithmetic.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/unary_arithmetic.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/arithmetic_ops-inl.hpp"
#include "unroll/core/kernels/map-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

UNROLL_UNARY_KERNEL(square, Square)
UNROLL_UNARY_KERNEL(negative, Negative)
UNROLL_UNARY_KERNEL(abs, Abs)
UNROLL_UNARY_KERNEL(sign, Sign)
UNROLL_UNARY_KERNEL(sqrt, Sqrt)
UNROLL_UNARY_KERNEL(rsqrt, Rsqrt)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

UNROLL_UNARY_DISPATCH(square)
UNROLL_UNARY_DISPATCH(negative)
UNROLL_UNARY_DISPATCH(abs)
UNROLL_UNARY_DISPATCH(sign)
UNROLL_UNARY_DISPATCH(sqrt)
UNROLL_UNARY_DISPATCH(rsqrt)

}  // namespace unroll::kernels
#endif
