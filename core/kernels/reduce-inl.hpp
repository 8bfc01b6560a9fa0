// The fixed reduction tree that reduction.hpp describes.
#if defined(UNROLL_KERNELS_REDUCE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_REDUCE_INL_HPP
#undef UNROLL_KERNELS_REDUCE_INL_HPP
#else
#define UNROLL_KERNELS_REDUCE_INL_HPP
#endif

#include <algorithm>

#include "unroll/core/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

struct SumTree {
  template <class T>
  static constexpr T identity() {
    return 0;
  }
  template <class V>
  static HWY_INLINE V combine(V a, V b) {
    return hn::Add(a, b);
  }
};
struct MaximumTree {
  template <class T>
  static constexpr T identity() {
    return -std::numeric_limits<T>::infinity();
  }
  template <class V>
  static HWY_INLINE V combine(V a, V b) {
    return MaximumOf(a, b);
  }
};
struct MinimumTree {
  template <class T>
  static constexpr T identity() {
    return std::numeric_limits<T>::infinity();
  }
  template <class V>
  static HWY_INLINE V combine(V a, V b) {
    return MinimumOf(a, b);
  }
};

constexpr Index reduction_block = 4096;

template <class Tree, class D, class V>
HWY_INLINE hn::TFromD<D> ReduceLanes([[maybe_unused]] D d, V v) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (hn::MaxLanes(D()) > 1) {
    const hn::Half<D> half;
    return ReduceLanes<Tree>(half, Tree::combine(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
#endif
  return hn::GetLane(v);
}

/// `terms.load(d, i)` gives the terms i, i + 1, ... as a vector, `terms.first(d, i, count)` the first `count` of them
/// and Tree's identity in the other lanes.
template <class Tree, class T, class Terms>
HWY_INLINE T Reduce(Index n, const Terms& terms) {
  constexpr size_t partials = 128 / sizeof(T);
  using D = hn::CappedTag<T, partials>;
  const D d;
  constexpr size_t lanes = hn::MaxLanes(D());
  constexpr size_t vectors = partials / lanes;
  using V = hn::Vec<D>;

  const V identity = hn::Set(d, Tree::template identity<T>());
  V total[vectors];
  for (size_t v = 0; v < vectors; ++v) total[v] = identity;
  for (Index begin = 0; begin < n; begin += reduction_block) {
    const Index end = std::min(n, begin + reduction_block);
    V partial[vectors];
    for (size_t v = 0; v < vectors; ++v) partial[v] = identity;
    Index i = begin;
    for (; i + Index(partials) <= end; i += partials) {
      for (size_t v = 0; v < vectors; ++v) partial[v] = Tree::combine(partial[v], terms.load(d, i + Index(v * lanes)));
    }
    for (size_t v = 0; v < vectors && i < end; ++v, i += lanes) {
      const V x = end - i >= Index(lanes) ? terms.load(d, i) : terms.first(d, i, end - i);
      partial[v] = Tree::combine(partial[v], x);
    }
    for (size_t v = 0; v < vectors; ++v) total[v] = Tree::combine(total[v], partial[v]);
  }
  for (size_t half = vectors / 2; half > 0; half /= 2) {
    for (size_t v = 0; v < half; ++v) total[v] = Tree::combine(total[v], total[v + half]);
  }
  return ReduceLanes<Tree>(d, total[0]);
}

/// x[0], x[1], ... as they are
template <class Tree, class T>
struct Values {
  const T* x;
  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, Index i) const {
    return hn::LoadU(d, x + i);
  }
  template <class D>
  HWY_INLINE hn::Vec<D> first(D d, Index i, Index count) const {
    return LoadFirst(d, x + i, count, Tree::template identity<T>());
  }
};

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
