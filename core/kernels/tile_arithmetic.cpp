#include "unroll/core/kernels/targets.hpp"
#include "unroll/core/kernels/tile_families.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/tile_arithmetic.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/arithmetic_ops-inl.hpp"
#include "unroll/core/kernels/tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

struct Copy {
  template <class D, class V>
  static HWY_INLINE V apply(D, V x) {
    return x;
  }
};
struct Reciprocal {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return hn::Div(hn::Set(d, 1), x);
  }
};

// Highway's scalar one loses the sign of -0.
struct Floor {
  template <class D, class V>
  static HWY_INLINE V apply(D, V x) {
    return hn::CopySign(hn::Floor(x), x);
  }
};

#define UNROLL_TILES(T)                                                                                 \
  UNROLL_TILE(T, copy, Copy), UNROLL_TILE(T, negative, Negative), UNROLL_TILE(T, abs, Abs),             \
      UNROLL_TILE(T, sign, Sign), UNROLL_TILE(T, floor, Floor), UNROLL_TILE(T, square, Square),         \
      UNROLL_TILE(T, sqrt, Sqrt), UNROLL_TILE(T, rsqrt, Rsqrt), UNROLL_TILE(T, reciprocal, Reciprocal), \
      UNROLL_TILE(T, add, Add), UNROLL_TILE(T, subtract, Subtract), UNROLL_TILE(T, multiply, Multiply), \
      UNROLL_TILE(T, divide, Divide), UNROLL_TILE(T, maximum, Maximum), UNROLL_TILE(T, minimum, Minimum)
UNROLL_TILE_FAMILY(arithmetic, UNROLL_TILES)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_TILE_FAMILY_DISPATCH(arithmetic)
}  // namespace unroll::kernels
#endif
