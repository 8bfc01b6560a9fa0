#include "unroll/core/kernels/targets.hpp"
#include "unroll/core/kernels/tile_families.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/tile_fused.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/activation_ops-inl.hpp"
#include "unroll/core/kernels/tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

struct MultiplyTanh {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V a, V b) {
    return hn::Mul(a, Tanh::apply(d, b));
  }
};
struct MultiplyAdd {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c) {
    return hn::MulAdd(a, b, c);
  }
};
struct MultiplySubtract {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c) {
    return hn::MulSub(a, b, c);
  }
};
struct NegativeMultiplyAdd {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c) {
    return hn::NegMulAdd(a, b, c);
  }
};
struct ProductSigmoidGradient {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V y, V a, V b) {
    return SigmoidGradient::apply(d, y, hn::Mul(a, b));
  }
};
struct ProductTanhGradient {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V y, V a, V b) {
    return TanhGradient::apply(d, y, hn::Mul(a, b));
  }
};
struct AddTanhGradient {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V y, V g, V c) {
    return hn::Add(c, TanhGradient::apply(d, y, g));
  }
};
struct ScaledDifference {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c) {
    return hn::Mul(hn::Sub(a, b), c);
  }
};
struct MultiplyAddAdd {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c, V d) {
    return hn::Add(hn::MulAdd(a, b, c), d);
  }
};
struct DifferenceMinusProduct {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c, V d) {
    return hn::NegMulAdd(c, d, hn::Sub(a, b));
  }
};
struct ScaledDifferenceMinusProduct {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c, V d, V e) {
    return hn::Mul(hn::NegMulAdd(c, d, hn::Sub(a, b)), e);
  }
};
struct SumOfMultiplyAdds {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c, V d, V e, V f) {
    return hn::Add(hn::MulAdd(a, b, c), hn::MulAdd(d, e, f));
  }
};

#define UNROLL_TILES(T)                                                                                                \
  UNROLL_TILE(T, multiply_tanh, MultiplyTanh), UNROLL_TILE(T, multiply_add, MultiplyAdd),                              \
      UNROLL_TILE(T, multiply_subtract, MultiplySubtract), UNROLL_TILE(T, negative_multiply_add, NegativeMultiplyAdd), \
      UNROLL_TILE(T, product_sigmoid_gradient, ProductSigmoidGradient),                                                \
      UNROLL_TILE(T, product_tanh_gradient, ProductTanhGradient), UNROLL_TILE(T, add_tanh_gradient, AddTanhGradient),  \
      UNROLL_TILE(T, scaled_difference, ScaledDifference), UNROLL_TILE(T, multiply_add_add, MultiplyAddAdd),           \
      UNROLL_TILE(T, difference_minus_product, DifferenceMinusProduct),                                                \
      UNROLL_TILE(T, scaled_difference_minus_product, ScaledDifferenceMinusProduct),                                   \
      UNROLL_TILE(T, sum_of_multiply_adds, SumOfMultiplyAdds)
UNROLL_TILE_FAMILY(fused, UNROLL_TILES)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_TILE_FAMILY_DISPATCH(fused)
}  // namespace unroll::kernels
#endif
