#include "unroll/core/kernels/arithmetic.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/arithmetic.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/map-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

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
