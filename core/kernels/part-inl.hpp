// Parts of vectors, from pieces of half, a quarter ... of a vector: fast where the count is the same again and again.
#if defined(UNROLL_KERNELS_PART_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_PART_INL_HPP
#undef UNROLL_KERNELS_PART_INL_HPP
#else
#define UNROLL_KERNELS_PART_INL_HPP
#endif

#include "unroll/core/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

/// The first `count` <= lanes elements of p, none if count is negative, the other lanes 0; reads nothing past them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadPart(D d, const T* p, Index count) {
  [[maybe_unused]] constexpr Index lanes = hn::MaxLanes(D());
  if (count <= 0) return hn::Zero(d);
#if HWY_TARGET != HWY_SCALAR
  if constexpr (lanes > 1) {
    constexpr hn::Half<D> half;
    if (count == lanes) return hn::LoadU(d, p);
    if (count <= lanes / 2) return hn::ZeroExtendVector(d, LoadPart(half, p, count));
    return hn::Combine(d, LoadPart(half, p + lanes / 2, count - lanes / 2), hn::LoadU(half, p));
  }
#endif
  return hn::LoadU(d, p);
}

/// Stores the first `count` <= lanes elements of v; writes nothing past them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void StorePart(D d, hn::Vec<D> v, T* p, Index count) {
  [[maybe_unused]] constexpr Index lanes = hn::MaxLanes(D());
  if (count <= 0) return;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (lanes > 1) {
    constexpr hn::Half<D> half;
    if (count == lanes) return hn::StoreU(v, d, p);
    if (count <= lanes / 2) return StorePart(half, hn::LowerHalf(half, v), p, count);
    hn::StoreU(hn::LowerHalf(half, v), half, p);
    return StorePart(half, hn::UpperHalf(half, v), p + lanes / 2, count - lanes / 2);
  }
#endif
  hn::StoreU(v, d, p);
}

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
