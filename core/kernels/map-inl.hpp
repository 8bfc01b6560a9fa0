// Loops for elementwise kernels. An Op is a struct with `static V apply(D d, V...)`.
#if defined(UNROLL_KERNELS_MAP_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_MAP_INL_HPP
#undef UNROLL_KERNELS_MAP_INL_HPP
#else
#define UNROLL_KERNELS_MAP_INL_HPP
#endif

#include "unroll/core/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

template <class T>
using Tag = hn::ScalableTag<T>;

/// An operand with a stride of 1.
template <class T>
struct Run {
  const T* p;
  HWY_INLINE hn::Vec<Tag<T>> load(Tag<T> d, Index i) const { return hn::LoadU(d, p + i); }
  HWY_INLINE hn::Vec<Tag<T>> first(Tag<T> d, Index count) const { return LoadFirst(d, p, count); }
};

/// An operand with a stride of 0.
template <class T>
struct Constant {
  hn::Vec<Tag<T>> v;
  HWY_INLINE explicit Constant(T value) : v(hn::Set(Tag<T>(), value)) {}
  HWY_INLINE hn::Vec<Tag<T>> load(Tag<T>, Index) const { return v; }
  HWY_INLINE hn::Vec<Tag<T>> first(Tag<T>, Index) const { return v; }
};

/// y = Op(x...). y may be an operand: the last vector, which ends at n and may overlap the one before it, is read
/// first.
template <class Op, class T, class... Operand>
HWY_INLINE void Map(T* y, Index n, Operand... x) {
  const Tag<T> d;
  const Index lanes = LaneCount(d);
  if (n < lanes) {
    if (n > 0) StoreFirst(d, Op::apply(d, x.first(d, n)...), y, n);
    return;
  }
  const auto last = Op::apply(d, x.load(d, n - lanes)...);
  for (Index i = 0; i < n - lanes; i += lanes) hn::StoreU(Op::apply(d, x.load(d, i)...), d, y + i);
  hn::StoreU(last, d, y + n - lanes);
}

template <class Op, class T>
HWY_INLINE void MapBinary(const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n) {
  if (n <= 0) return;
  if (a_stride == 0 && b_stride == 0) return Map<Op>(y, n, Constant<T>(*a), Constant<T>(*b));
  if (a_stride == 0) return Map<Op>(y, n, Constant<T>(*a), Run<T>{b});
  if (b_stride == 0) return Map<Op>(y, n, Run<T>{a}, Constant<T>(*b));
  Map<Op>(y, n, Run<T>{a}, Run<T>{b});
}

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

// In the per-target namespace: the kernel. Once, in unroll::kernels: the public overloads that dispatch to it.
#define UNROLL_UNARY_KERNEL(name, Op)                                                    \
  void name##_float(const float* x, float* y, Index n) { Map<Op>(y, n, Run<float>{x}); } \
  void name##_double(const double* x, double* y, Index n) { Map<Op>(y, n, Run<double>{x}); }

#define UNROLL_UNARY_DISPATCH(name)                                                             \
  HWY_EXPORT(name##_float);                                                                     \
  HWY_EXPORT(name##_double);                                                                    \
  void name(const float* x, float* y, Index n) { HWY_DYNAMIC_DISPATCH(name##_float)(x, y, n); } \
  void name(const double* x, double* y, Index n) { HWY_DYNAMIC_DISPATCH(name##_double)(x, y, n); }

#define UNROLL_BINARY_KERNEL(name, Op)                                                                       \
  void name##_float(const float* a, Index a_stride, const float* b, Index b_stride, float* y, Index n) {     \
    MapBinary<Op>(a, a_stride, b, b_stride, y, n);                                                           \
  }                                                                                                          \
  void name##_double(const double* a, Index a_stride, const double* b, Index b_stride, double* y, Index n) { \
    MapBinary<Op>(a, a_stride, b, b_stride, y, n);                                                           \
  }

#define UNROLL_BINARY_DISPATCH(name)                                                                \
  HWY_EXPORT(name##_float);                                                                         \
  HWY_EXPORT(name##_double);                                                                        \
  void name(const float* a, Index a_stride, const float* b, Index b_stride, float* y, Index n) {    \
    HWY_DYNAMIC_DISPATCH(name##_float)(a, a_stride, b, b_stride, y, n);                             \
  }                                                                                                 \
  void name(const double* a, Index a_stride, const double* b, Index b_stride, double* y, Index n) { \
    HWY_DYNAMIC_DISPATCH(name##_double)(a, a_stride, b, b_stride, y, n);                            \
  }

#endif
