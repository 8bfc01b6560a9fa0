#include "unroll/core/kernels/transcendental.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/transcendental.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/exp-inl.hpp"
#include "unroll/core/kernels/log-inl.hpp"
#include "unroll/core/kernels/map-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

struct Exp {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return ExpOf(d, x);
  }
};
struct Expm1 {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return Expm1Of(d, x);
  }
};
struct Log {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return LogOf(d, x);
  }
};
struct Log1p {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return Log1pOf(d, x);
  }
};

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
