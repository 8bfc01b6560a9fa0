#include "unroll/core/kernels/targets.hpp"
#include "unroll/core/kernels/tile_families.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/tile_logical.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

#define UNROLL_COMPARISON(Op, mask)                   \
  struct Op {                                         \
    template <class D, class V>                       \
    static HWY_INLINE V apply(D d, V a, V b) {        \
      return hn::IfThenElseZero(mask, hn::Set(d, 1)); \
    }                                                 \
  };

UNROLL_COMPARISON(Equal, hn::Eq(a, b))
UNROLL_COMPARISON(NotEqual, hn::Not(hn::Eq(a, b)))
UNROLL_COMPARISON(Less, hn::Lt(a, b))
UNROLL_COMPARISON(LessEqual, hn::Le(a, b))
UNROLL_COMPARISON(Greater, hn::Gt(a, b))
UNROLL_COMPARISON(GreaterEqual, hn::Ge(a, b))
#undef UNROLL_COMPARISON

struct LogicalNot {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return hn::IfThenElseZero(hn::Eq(x, hn::Zero(d)), hn::Set(d, 1));
  }
};
struct Where {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V c, V a, V b) {
    return hn::IfThenElse(hn::Eq(c, hn::Zero(d)), b, a);
  }
};

struct Clip {
  template <class D, class V>
  static HWY_INLINE V apply(D, V x, V low, V high) {
    const V raised = hn::IfThenElse(hn::Lt(x, low), low, x);
    return hn::IfThenElse(hn::Gt(raised, high), high, raised);
  }
};
struct ClipGradient {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x, V low, V high) {
    return hn::IfThenElseZero(hn::And(hn::Ge(x, low), hn::Le(x, high)), hn::Set(d, 1));
  }
};

#define UNROLL_TILES(T)                                                                          \
  UNROLL_TILE(T, equal, Equal), UNROLL_TILE(T, not_equal, NotEqual), UNROLL_TILE(T, less, Less), \
      UNROLL_TILE(T, less_equal, LessEqual), UNROLL_TILE(T, greater, Greater),                   \
      UNROLL_TILE(T, greater_equal, GreaterEqual), UNROLL_TILE(T, logical_not, LogicalNot),      \
      UNROLL_TILE(T, where, Where), UNROLL_TILE(T, clip, Clip), UNROLL_TILE(T, clip_gradient, ClipGradient)
UNROLL_TILE_FAMILY(logical, UNROLL_TILES)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_TILE_FAMILY_DISPATCH(logical)
}  // namespace unroll::kernels
#endif
