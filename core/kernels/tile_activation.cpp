#include "unroll/core/kernels/targets.hpp"
#include "unroll/core/kernels/tile_families.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/tile_activation.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/activation_ops-inl.hpp"
#include "unroll/core/kernels/tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

#define UNROLL_TILES(T)                                                                      \
  UNROLL_TILE(T, tanh, Tanh), UNROLL_TILE(T, sigmoid, Sigmoid), UNROLL_TILE(T, relu, Relu),  \
      UNROLL_TILE(T, softplus, Softplus), UNROLL_TILE(T, sigmoid_gradient, SigmoidGradient), \
      UNROLL_TILE(T, tanh_gradient, TanhGradient), UNROLL_TILE(T, relu_gradient, ReluGradient)
UNROLL_TILE_FAMILY(activation, UNROLL_TILES)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_TILE_FAMILY_DISPATCH(activation)
}  // namespace unroll::kernels
#endif
