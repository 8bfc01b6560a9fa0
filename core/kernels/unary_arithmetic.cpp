#include "unroll/core/kernels/unary_arithmetic.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/unary_arithmetic.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/map-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

template <class D, class V>
HWY_INLINE V SignOf(D d, V x) {
  const V signed_one = hn::CopySign(hn::Set(d, 1), x);
  return hn::IfThenElse(hn::IsNaN(x), x, hn::IfThenZeroElse(hn::Eq(x, hn::Zero(d)), signed_one));
}

#define UNROLL_UNARY_OP(Op, value)                         \
  struct Op {                                              \
    template <class D, class V>                            \
    static HWY_INLINE V apply([[maybe_unused]] D d, V x) { \
      return value;                                        \
    }                                                      \
  };

UNROLL_UNARY_OP(Square, hn::Mul(x, x))
UNROLL_UNARY_OP(Negative, hn::Neg(x))
UNROLL_UNARY_OP(Abs, hn::Abs(x))
UNROLL_UNARY_OP(Sign, SignOf(d, x))
UNROLL_UNARY_OP(Sqrt, hn::Sqrt(x))
UNROLL_UNARY_OP(Rsqrt, hn::Div(hn::Set(d, 1), hn::Sqrt(x)))
#undef UNROLL_UNARY_OP

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
