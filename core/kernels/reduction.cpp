#include "unroll/core/kernels/reduction.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/reduction.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/reduce-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

template <class T>
struct Products {
  const T* x;
  const T* y;
  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, Index i) const {
    return hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i));
  }
  template <class D>
  HWY_INLINE hn::Vec<D> first(D d, Index i, Index count) const {
    return hn::Mul(LoadFirst(d, x + i, count), LoadFirst(d, y + i, count));
  }
};

#define UNROLL_REDUCTION_KERNELS(T)                                                               \
  T sum_##T(const T* x, Index n) { return Reduce<SumTree, T>(n, Values<SumTree, T>{x}); }         \
  T dot_##T(const T* x, const T* y, Index n) { return Reduce<SumTree, T>(n, Products<T>{x, y}); } \
  T max_##T(const T* x, Index n) { return Reduce<MaximumTree, T>(n, Values<MaximumTree, T>{x}); } \
  T min_##T(const T* x, Index n) { return Reduce<MinimumTree, T>(n, Values<MinimumTree, T>{x}); }

UNROLL_REDUCTION_KERNELS(float)
UNROLL_REDUCTION_KERNELS(double)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

#define UNROLL_REDUCTION_DISPATCH(T)                                                        \
  HWY_EXPORT(sum_##T);                                                                      \
  HWY_EXPORT(dot_##T);                                                                      \
  HWY_EXPORT(max_##T);                                                                      \
  HWY_EXPORT(min_##T);                                                                      \
  T sum(const T* x, Index n) { return HWY_DYNAMIC_DISPATCH(sum_##T)(x, n); }                \
  T dot(const T* x, const T* y, Index n) { return HWY_DYNAMIC_DISPATCH(dot_##T)(x, y, n); } \
  T sum_of_squares(const T* x, Index n) { return dot(x, x, n); }                            \
  T max(const T* x, Index n) { return HWY_DYNAMIC_DISPATCH(max_##T)(x, n); }                \
  T min(const T* x, Index n) { return HWY_DYNAMIC_DISPATCH(min_##T)(x, n); }

UNROLL_REDUCTION_DISPATCH(float)
UNROLL_REDUCTION_DISPATCH(double)

}  // namespace unroll::kernels
#endif
