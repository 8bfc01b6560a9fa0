// Arithmetic as elementwise operations on vectors (map-inl.hpp).
#if defined(UNROLL_KERNELS_ARITHMETIC_OPS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_ARITHMETIC_OPS_INL_HPP
#undef UNROLL_KERNELS_ARITHMETIC_OPS_INL_HPP
#else
#define UNROLL_KERNELS_ARITHMETIC_OPS_INL_HPP
#endif

#include "unroll/core/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

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

#define UNROLL_BINARY_OP(Op, value)          \
  struct Op {                                \
    template <class D, class V>              \
    static HWY_INLINE V apply(D, V a, V b) { \
      return value;                          \
    }                                        \
  };

UNROLL_BINARY_OP(Add, hn::Add(a, b))
UNROLL_BINARY_OP(Subtract, hn::Sub(a, b))
UNROLL_BINARY_OP(Multiply, hn::Mul(a, b))
UNROLL_BINARY_OP(Divide, hn::Div(a, b))
UNROLL_BINARY_OP(Maximum, MaximumOf(a, b))
UNROLL_BINARY_OP(Minimum, MinimumOf(a, b))
UNROLL_BINARY_OP(SquaredDifference, hn::Mul(hn::Sub(a, b), hn::Sub(a, b)))
#undef UNROLL_BINARY_OP

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
