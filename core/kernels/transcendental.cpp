#include "unroll/core/kernels/transcendental.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/transcendental.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/map-inl.hpp"
#include "unroll/core/kernels/transcendental_ops-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

UNROLL_UNARY_KERNEL(exp, Exp)
UNROLL_UNARY_KERNEL(expm1, Expm1)
UNROLL_UNARY_KERNEL(log, Log)
UNROLL_UNARY_KERNEL(log1p, Log1p)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

UNROLL_UNARY_DISPATCH(exp)
UNROLL_UNARY_DISPATCH(expm1)
UNROLL_UNARY_DISPATCH(log)
UNROLL_UNARY_DISPATCH(log1p)

}  // namespace unroll::kernels
#endif
