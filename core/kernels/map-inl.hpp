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

/// A stride of 1.
template <class D>
struct Run {
  const hn::TFromD<D>* p;
  HWY_INLINE hn::Vec<D> load(D d, Index i) const { return hn::LoadU(d, p + i); }
  HWY_INLINE hn::Vec<D> first(D d, Index count) const { return LoadFirst(d, p, count); }
};

/// A stride of 0.
template <class D>
struct Constant {
  hn::Vec<D> v;
  HWY_INLINE hn::Vec<D> load(D, Index) const { return v; }
  HWY_INLINE hn::Vec<D> first(D, Index) const { return v; }
};

// y may be an operand. The last vector ends at n and may overlap the one before it, so its operands are read first.
template <class Op, class T, class D, class... Operand>
HWY_INLINE void Map(D d, T* y, Index n, Operand... x) {
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
HWY_INLINE void MapUnary(const T* x, T* y, Index n) {
  using D = hn::ScalableTag<T>;
  Map<Op>(D(), y, n, Run<D>{x});
}

template <class Op, class T>
HWY_INLINE void MapBinary(const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n) {
  using D = hn::ScalableTag<T>;
  const D d;
  if (n <= 0) return;
  if (a_stride == 0 && b_stride == 0) return Map<Op>(d, y, n, Constant<D>{hn::Set(d, *a)}, Constant<D>{hn::Set(d, *b)});
  if (a_stride == 0) return Map<Op>(d, y, n, Constant<D>{hn::Set(d, *a)}, Run<D>{b});
  if (b_stride == 0) return Map<Op>(d, y, n, Run<D>{a}, Constant<D>{hn::Set(d, *b)});
  Map<Op>(d, y, n, Run<D>{a}, Run<D>{b});
}

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

// In the per-target namespace: the kernel. Once, in unroll::kernels: the public overloads that dispatch to it.
#define UNROLL_UNARY_KERNEL(name, Op)                                             \
  void name##_float(const float* x, float* y, Index n) { MapUnary<Op>(x, y, n); } \
  void name##_double(const double* x, double* y, Index n) { MapUnary<Op>(x, y, n); }

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
