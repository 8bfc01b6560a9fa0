// Activations and their gradients as elementwise operations on vectors (map-inl.hpp).
#if defined(UNROLL_KERNELS_ACTIVATION_OPS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_ACTIVATION_OPS_INL_HPP
#undef UNROLL_KERNELS_ACTIVATION_OPS_INL_HPP
#else
#define UNROLL_KERNELS_ACTIVATION_OPS_INL_HPP
#endif

#include "unroll/core/kernels/exp-inl.hpp"
#include "unroll/core/kernels/log-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

struct Tanh {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return TanhOf(d, x);
  }
};
struct Sigmoid {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return SigmoidOf(d, x);
  }
};
struct Relu {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), x);
  }
};
struct Softplus {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x) {
    return SoftplusOf(d, x);
  }
};
struct SigmoidGradient {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V y, V g) {
    return hn::Mul(hn::Mul(g, y), hn::Sub(hn::Set(d, 1), y));
  }
};
struct TanhGradient {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V y, V g) {
    return hn::Mul(g, hn::Sub(hn::Set(d, 1), hn::Mul(y, y)));
  }
};
struct ReluGradient {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V y, V g) {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), g);
  }
};

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
