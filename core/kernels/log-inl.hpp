// log, log1p and softplus on vectors: Highway's logarithm, corrected where it takes no care (0, negative, infinite,
// NaN).
#if defined(UNROLL_KERNELS_LOG_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_LOG_INL_HPP
#undef UNROLL_KERNELS_LOG_INL_HPP
#else
#define UNROLL_KERNELS_LOG_INL_HPP
#endif

#include "hwy/contrib/math/math-inl.h"
#include "unroll/core/kernels/exp-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

/// `result` where 0 < x < infinity; else what the logarithm of x is.
template <class D, class V>
HWY_INLINE V SpecialLogs(D d, V x, V result) {
  using T = hn::TFromD<D>;
  const V infinity = hn::Inf(d);
  result = hn::IfThenElse(hn::Eq(x, infinity), infinity, result);
  result = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(infinity), result);
  return hn::IfThenElse(hn::Ge(x, hn::Zero(d)), result, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

template <class D, class V>
HWY_INLINE V LogOf(D d, V x) {
  return SpecialLogs(d, x, hn::Log(d, x));
}

/// log(u) x / (u - 1), u = 1 + x: the rounding errors of u in both factors cancel.
template <class D, class V>
HWY_INLINE V Log1pOf(D d, V x) {
  return hn::IfThenElse(hn::Eq(hn::Add(x, hn::Set(d, 1)), hn::Set(d, 1)), x,
                        SpecialLogs(d, hn::Add(x, hn::Set(d, 1)), hn::Log1p(d, x)));
}

/// max(x, 0) + log(1 + exp(-|x|))
template <class D, class V>
HWY_INLINE V SoftplusOf(D d, V x) {
  const V positive = hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), x);
  return hn::Add(positive, Log1pOf(d, ExpOf(d, hn::Neg(hn::Abs(x)))));
}

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
