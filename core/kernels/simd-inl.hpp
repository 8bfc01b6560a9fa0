// What all kernels share. Compiled once per instruction set, hence the guard that toggles.
#if defined(UNROLL_KERNELS_SIMD_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_SIMD_INL_HPP
#undef UNROLL_KERNELS_SIMD_INL_HPP
#else
#define UNROLL_KERNELS_SIMD_INL_HPP
#endif

#include <cstddef>
#include <limits>

#include "hwy/highway.h"
#include "unroll/core/kernels/index.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE Index LaneCount(D d) {
  return static_cast<Index>(hn::Lanes(d));
}

/// The first `count` < lanes elements of p, the other lanes `fill`; reads nothing past them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadFirst(D d, const T* p, Index count, T fill = 0) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  for (Index i = 0; i < LaneCount(d); ++i) lanes[i] = i < count ? p[i] : fill;
  return hn::Load(d, lanes);
#else
  const auto mask = hn::FirstN(d, static_cast<size_t>(count));
  return hn::IfThenElse(mask, hn::MaskedLoad(mask, d, p), hn::Set(d, fill));
#endif
}

/// Stores the first `count` < lanes elements of v; writes nothing past them.
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE void StoreFirst(D d, V v, T* p, Index count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(v, d, lanes);
  for (Index i = 0; i < count; ++i) p[i] = lanes[i];
#else
  hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(count)), d, p);
#endif
}

// IEEE 754-2019 maximum and minimum: NaN if either is NaN, and -0 < +0. hn::Max and hn::Min leave both open.
// (hn::Ne(a, a) is no test for NaN: false on AVX2 and AVX-512.)
template <class V>
HWY_INLINE V MaximumOf(V a, V b) {
  const V larger = hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b);
  return hn::IfThenElse(hn::Eq(a, b), hn::And(a, b), larger);
}
template <class V>
HWY_INLINE V MinimumOf(V a, V b) {
  const V smaller = hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b);
  return hn::IfThenElse(hn::Eq(a, b), hn::Or(a, b), smaller);
}

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
