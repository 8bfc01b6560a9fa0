#include "unroll/core/kernels/activation.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/activation.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/activation_ops-inl.hpp"
#include "unroll/core/kernels/map-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

UNROLL_UNARY_KERNEL(tanh, Tanh)
UNROLL_UNARY_KERNEL(sigmoid, Sigmoid)
UNROLL_UNARY_KERNEL(relu, Relu)
UNROLL_UNARY_KERNEL(softplus, Softplus)
UNROLL_BINARY_KERNEL(sigmoid_gradient, SigmoidGradient)
UNROLL_BINARY_KERNEL(tanh_gradient, TanhGradient)
UNROLL_BINARY_KERNEL(relu_gradient, ReluGradient)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_UNARY_DISPATCH(tanh)
UNROLL_UNARY_DISPATCH(sigmoid)
UNROLL_UNARY_DISPATCH(relu)
UNROLL_UNARY_DISPATCH(softplus)
UNROLL_BINARY_DISPATCH(sigmoid_gradient)
UNROLL_BINARY_DISPATCH(tanh_gradient)
UNROLL_BINARY_DISPATCH(relu_gradient)
}  // namespace unroll::kernels
#endif
