#include "unroll/core/kernels/accumulate.hpp"

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/accumulate.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/map-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

struct Add {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::Add(a, b);
  }
};
struct Multiply {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::Mul(a, b);
  }
};
struct ScaleAdd {
  template <class D, class V>
  static HWY_INLINE V apply(D, V y, V alpha, V x) {
    return hn::Add(y, hn::Mul(alpha, x));
  }
};
struct AddFourRows {
  template <class D, class V>
  static HWY_INLINE V apply(D, V y, V x0, V x1, V x2, V x3) {
    return hn::Add(hn::Add(hn::Add(hn::Add(y, x0), x1), x2), x3);
  }
};
struct Copy {
  template <class D, class V>
  static HWY_INLINE V apply(D, V value) {
    return value;
  }
};

template <class T>
HWY_INLINE void AddRowsTo(const T* x, Index rows, Index columns, T* y) {
  const auto row = [&](Index r) { return Run<T>{x + r * columns}; };
  Index r = 0;
  for (; r + 4 <= rows; r += 4) {
    Map<AddFourRows>(y, columns, Run<T>{y}, row(r), row(r + 1), row(r + 2), row(r + 3));
  }
  for (; r < rows; ++r) Map<Add>(y, columns, Run<T>{y}, row(r));
}

#define UNROLL_ACCUMULATE_KERNELS(T)                                                             \
  void add_to_##T(T* y, const T* x, Index n) { Map<Add>(y, n, Run<T>{y}, Run<T>{x}); }           \
  void scale_add_to_##T(T* y, T alpha, const T* x, Index n) {                                    \
    Map<ScaleAdd>(y, n, Run<T>{y}, Constant<T>(alpha), Run<T>{x});                               \
  }                                                                                              \
  void scale_##T(T* y, T alpha, Index n) { Map<Multiply>(y, n, Run<T>{y}, Constant<T>(alpha)); } \
  void fill_##T(T* y, T value, Index n) { Map<Copy>(y, n, Constant<T>(value)); }                 \
  void add_rows_to_##T(const T* x, Index rows, Index columns, T* y) { AddRowsTo(x, rows, columns, y); }

UNROLL_ACCUMULATE_KERNELS(float)
UNROLL_ACCUMULATE_KERNELS(double)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

#define UNROLL_ACCUMULATE_DISPATCH(T)                                                                               \
  HWY_EXPORT(add_to_##T);                                                                                           \
  HWY_EXPORT(scale_add_to_##T);                                                                                     \
  HWY_EXPORT(scale_##T);                                                                                            \
  HWY_EXPORT(fill_##T);                                                                                             \
  HWY_EXPORT(add_rows_to_##T);                                                                                      \
  void add_to(T* y, const T* x, Index n) { HWY_DYNAMIC_DISPATCH(add_to_##T)(y, x, n); }                             \
  void scale_add_to(T* y, T alpha, const T* x, Index n) { HWY_DYNAMIC_DISPATCH(scale_add_to_##T)(y, alpha, x, n); } \
  void scale(T* y, T alpha, Index n) { HWY_DYNAMIC_DISPATCH(scale_##T)(y, alpha, n); }                              \
  void fill(T* y, T value, Index n) { HWY_DYNAMIC_DISPATCH(fill_##T)(y, value, n); }                                \
  void add_rows_to(const T* x, Index rows, Index columns, T* y) {                                                   \
    HWY_DYNAMIC_DISPATCH(add_rows_to_##T)(x, rows, columns, y);                                                     \
  }

UNROLL_ACCUMULATE_DISPATCH(float)
UNROLL_ACCUMULATE_DISPATCH(double)

}  // namespace unroll::kernels
#endif
