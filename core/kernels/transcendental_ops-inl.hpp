// Transcendental functions as elementwise operations on vectors (map-inl.hpp).
#if defined(UNROLL_KERNELS_TRANSCENDENTAL_OPS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_TRANSCENDENTAL_OPS_INL_HPP
#undef UNROLL_KERNELS_TRANSCENDENTAL_OPS_INL_HPP
#else
#define UNROLL_KERNELS_TRANSCENDENTAL_OPS_INL_HPP
#endif

#include "unroll/core/kernels/exp-inl.hpp"
#include "unroll/core/kernels/log-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

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

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
