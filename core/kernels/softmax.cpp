#include "unroll/core/kernels/softmax.hpp"

#include <cmath>

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/softmax.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/log-inl.hpp"
#include "unroll/core/kernels/map-inl.hpp"
#include "unroll/core/kernels/reduce-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

/// exp(x - m)
template <class T>
struct Exponentials {
  const T* x;
  T m;
  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, Index i) const {
    return ExpOf(d, hn::Sub(hn::LoadU(d, x + i), hn::Set(d, m)));
  }
  template <class D>
  HWY_INLINE hn::Vec<D> first(D d, Index i, Index count) const {
    const auto shifted = hn::Sub(LoadFirst(d, x + i, count), hn::Set(d, m));
    return hn::IfThenElseZero(hn::FirstN(d, size_t(count)), ExpOf(d, shifted));
  }
};

struct ExpOfDifference {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V x, V m) {
    return ExpOf(d, hn::Sub(x, m));
  }
};
struct Divide {
  template <class D, class V>
  static HWY_INLINE V apply(D, V x, V sum) {
    return hn::Div(x, sum);
  }
};
struct SubtractBoth {
  template <class D, class V>
  static HWY_INLINE V apply(D, V x, V m, V log_sum) {
    return hn::Sub(hn::Sub(x, m), log_sum);
  }
};

template <class T>
HWY_INLINE void SoftmaxRows(const T* x, Index rows, Index columns, T* y) {
  for (Index r = 0; r < rows; ++r, x += columns, y += columns) {
    const T m = Reduce<MaximumTree, T>(columns, Values<MaximumTree, T>{x});
    Map<ExpOfDifference>(y, columns, Run<T>{x}, Constant<T>(m));
    const T sum = Reduce<SumTree, T>(columns, Values<SumTree, T>{y});
    Map<Divide>(y, columns, Run<T>{y}, Constant<T>(sum));
  }
}

template <class T>
HWY_INLINE void LogSoftmaxRows(const T* x, Index rows, Index columns, T* y) {
  for (Index r = 0; r < rows; ++r, x += columns, y += columns) {
    const T m = Reduce<MaximumTree, T>(columns, Values<MaximumTree, T>{x});
    const T sum = Reduce<SumTree, T>(columns, Exponentials<T>{x, m});
    const T log_sum = hn::GetLane(LogOf(Tag<T>(), hn::Set(Tag<T>(), sum)));
    Map<SubtractBoth>(y, columns, Run<T>{x}, Constant<T>(m), Constant<T>(log_sum));
  }
}

template <class T>
HWY_INLINE T LogSumExp(const T* x, Index n, T* shift) {
  const hn::ScalableTag<T> d;
  const T m = Reduce<MaximumTree, T>(n, Values<MaximumTree, T>{x});
  *shift = std::isfinite(m) ? m : T{0};
  return hn::GetLane(LogOf(d, hn::Set(d, Reduce<SumTree, T>(n, Exponentials<T>{x, *shift}))));
}

void softmax_rows_float(const float* x, Index rows, Index columns, float* y) { SoftmaxRows(x, rows, columns, y); }
void softmax_rows_double(const double* x, Index rows, Index columns, double* y) { SoftmaxRows(x, rows, columns, y); }
void log_softmax_rows_float(const float* x, Index rows, Index columns, float* y) {
  LogSoftmaxRows(x, rows, columns, y);
}
void log_softmax_rows_double(const double* x, Index rows, Index columns, double* y) {
  LogSoftmaxRows(x, rows, columns, y);
}
float log_sum_exp_float(const float* x, Index n, float* shift) { return LogSumExp(x, n, shift); }
double log_sum_exp_double(const double* x, Index n, double* shift) { return LogSumExp(x, n, shift); }

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

HWY_EXPORT(softmax_rows_float);
HWY_EXPORT(softmax_rows_double);
HWY_EXPORT(log_softmax_rows_float);
HWY_EXPORT(log_softmax_rows_double);
HWY_EXPORT(log_sum_exp_float);
HWY_EXPORT(log_sum_exp_double);

void softmax_rows(const float* x, Index rows, Index columns, float* y) {
  HWY_DYNAMIC_DISPATCH(softmax_rows_float)(x, rows, columns, y);
}
void softmax_rows(const double* x, Index rows, Index columns, double* y) {
  HWY_DYNAMIC_DISPATCH(softmax_rows_double)(x, rows, columns, y);
}
void log_softmax_rows(const float* x, Index rows, Index columns, float* y) {
  HWY_DYNAMIC_DISPATCH(log_softmax_rows_float)(x, rows, columns, y);
}
void log_softmax_rows(const double* x, Index rows, Index columns, double* y) {
  HWY_DYNAMIC_DISPATCH(log_softmax_rows_double)(x, rows, columns, y);
}
float log_sum_exp(const float* x, Index n, float* shift) {
  return HWY_DYNAMIC_DISPATCH(log_sum_exp_float)(x, n, shift);
}
double log_sum_exp(const double* x, Index n, double* shift) {
  return HWY_DYNAMIC_DISPATCH(log_sum_exp_double)(x, n, shift);
}

}  // namespace unroll::kernels
#endif
