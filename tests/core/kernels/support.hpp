// What the kernel tests share: every instruction set this machine has, distances in ulp, values that go wrong.
#pragma once

#include <doctest/doctest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "unroll/core/kernels/index.hpp"

namespace kernel_tests {

using unroll::kernels::Index;

/// Calls body() with the kernels dispatched to each instruction set in turn.
template <class Body>
void for_each_target(Body body) {
  struct Restore {
    ~Restore() {
      hwy::SetSupportedTargetsForTest(0);
      hwy::GetChosenTarget().DeInit();
    }
  } restore;
  const std::int64_t supported = hwy::SupportedTargets();
  for (std::int64_t target : {std::int64_t(HWY_SCALAR), std::int64_t(HWY_SSE4), std::int64_t(HWY_AVX2),
                              std::int64_t(HWY_AVX3), std::int64_t(HWY_NEON)}) {
    if (target != HWY_SCALAR && (supported & target) == 0) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
    INFO("instruction set ", std::string(hwy::TargetName(target)));
    body();
  }
}

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// Equal bit by bit, but any NaN equals any other.
template <class T>
bool same(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return (std::isnan(a) && std::isnan(b)) || std::bit_cast<Bits<T>>(a) == std::bit_cast<Bits<T>>(b);
  } else {
    return a == b;
  }
}

/// The first index where a and b differ, or -1.
template <class T>
Index first_difference(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return Index(i);
  }
  return -1;
}

/// |y - exact| in units of the last place of T at `exact`. A sign or a NaN that differs is infinitely far away.
template <class T, class Exact>
double ulp_distance(T y, Exact exact) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const T rounded = static_cast<T>(exact);
  if (same(y, rounded)) return 0;
  if (std::isnan(y) || std::isnan(rounded) || std::signbit(y) != std::signbit(rounded)) return infinity;
  if (std::isinf(y)) y = std::copysign(std::numeric_limits<T>::max(), y);
  if (std::isinf(rounded)) exact = std::copysign(Exact(std::numeric_limits<T>::max()), exact);
  int exponent;
  std::frexp(exact, &exponent);
  using Limits = std::numeric_limits<T>;
  const int last_place = std::max(exponent - Limits::digits, Limits::min_exponent - Limits::digits);
  return static_cast<double>(std::fabs(std::ldexp(Exact(y) - exact, -last_place)));
}

/// Zeros, denormals, infinities, NaN, the limits, and values around 0 and 1, of both signs.
template <class T>
std::vector<T> special_values() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values = {0,
                           Limits::denorm_min(),
                           Limits::min() / 3,
                           Limits::min(),
                           Limits::epsilon(),
                           T(0.3),
                           1,
                           1 + Limits::epsilon(),
                           T(2.5),
                           20,
                           Limits::max(),
                           Limits::infinity(),
                           Limits::quiet_NaN()};
  for (size_t i = 0, n = values.size(); i < n; ++i) values.push_back(-values[i]);
  return values;
}

/// n asymmetric values of both signs and many magnitudes, some of them special.
template <class T>
std::vector<T> mixed_values(Index n, std::uint64_t seed) {
  const std::vector<T> special = special_values<T>();
  std::vector<T> values;
  for (Index i = 0; i < n; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    const double u = double(seed >> 11) * 0x1p-53;
    const bool take_special = (seed >> 7) % 8 == 0;
    values.push_back(take_special ? special[size_t(u * double(special.size()))]
                                  : T((u - 0.4) * std::exp2(double(i % 7) - 2)));
  }
  return values;
}

template <class T>
using Unary = void (*)(const T* x, T* y, Index n);
template <class T>
using Binary = void (*)(const T* a, Index a_stride, const T* b, Index b_stride, T* y, Index n);

/// run(destination) must write expected[0 .. n) to destination, wherever that lies, and nothing beside it.
template <class T, class Run>
void check_run(const std::vector<T>& expected, Run run) {
  const Index n = Index(expected.size());
  for (Index offset : {0, 1, 3}) {
    const T untouched = 77;
    std::vector<T> y(size_t(offset + n + 16), untouched);
    run(y.data() + offset);
    const std::vector<T> result(y.begin() + offset, y.begin() + offset + n);
    INFO("n = ", n, ", offset = ", offset);
    CHECK(first_difference(result, expected) == -1);
    CHECK(std::count(y.begin(), y.begin() + offset, untouched) == offset);
    CHECK(std::count(y.begin() + offset + n, y.end(), untouched) == 16);
  }
}

/// Every element is what `scalar` gives for it, for any n and alignment, in place too.
template <class T, class Scalar>
void check_unary(Unary<T> kernel, Scalar scalar) {
  for (Index n = 0; n <= 70; ++n) {
    const std::vector<T> x = mixed_values<T>(n, std::uint64_t(n));
    std::vector<T> expected;
    for (T value : x) expected.push_back(scalar(value));
    check_run(expected, [&](T* y) { kernel(x.data(), y, n); });
    check_run(expected, [&](T* y) {
      std::copy(x.begin(), x.end(), y);
      kernel(y, y, n);
    });
  }
}

/// The same for two operands, with strides 0 and 1, in place of either one.
template <class T, class Scalar>
void check_binary(Binary<T> kernel, Scalar scalar) {
  for (Index n = 0; n <= 70; ++n) {
    for (Index strides = 0; strides < 4; ++strides) {
      const Index a_stride = strides & 1, b_stride = strides >> 1;
      const std::vector<T> a = mixed_values<T>(a_stride ? n : 1, std::uint64_t(n));
      const std::vector<T> b = mixed_values<T>(b_stride ? n : 1, std::uint64_t(n + 1000));
      std::vector<T> expected;
      for (Index i = 0; i < n; ++i) expected.push_back(scalar(a[size_t(i * a_stride)], b[size_t(i * b_stride)]));
      INFO("strides ", a_stride, " and ", b_stride);
      check_run(expected, [&](T* y) { kernel(a.data(), a_stride, b.data(), b_stride, y, n); });
      if (n == 0) continue;
      check_run(expected, [&](T* y) {
        std::copy(a.begin(), a.end(), y);
        kernel(y, a_stride, b.data(), b_stride, y, n);
      });
      check_run(expected, [&](T* y) {
        std::copy(b.begin(), b.end(), y);
        kernel(a.data(), a_stride, y, b_stride, y, n);
      });
    }
  }
}

/// What the kernel gives for one element alone: the reference for "independent of position and n".
template <class T>
auto alone(Unary<T> kernel) {
  return [kernel](T x) {
    T y;
    kernel(&x, &y, 1);
    return y;
  };
}

}  // namespace kernel_tests
