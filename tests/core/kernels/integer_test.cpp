#include "core/kernels/support.hpp"
#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/reduction.hpp"
#include "unroll/core/kernels/unary_arithmetic.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

template <class T>
struct Case {
  T a, b, sum, difference, product, squared_difference;
};

template <class T>
std::vector<Case<T>> cases() {
  constexpr T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return {{7, -3, 4, 10, -21, 100},
          {high, 1, low, high - 1, high, 4},
          {low, 1, low + 1, high, low, 1},
          {low, low, 0, 0, 0, 0}};
}

}  // namespace

TEST_CASE_TEMPLATE("integer arithmetic wraps around on overflow", T, std::int32_t, std::int64_t) {
  for (const Case<T>& c : cases<T>()) {
    T y;
    const auto run = [&](Binary<T> kernel) {
      kernel(&c.a, 1, &c.b, 1, &y, 1);
      return y;
    };
    INFO(c.a, " and ", c.b);
    CHECK(run(kernels::add) == c.sum);
    CHECK(run(kernels::subtract) == c.difference);
    CHECK(run(kernels::multiply) == c.product);
    CHECK(run(kernels::squared_difference) == c.squared_difference);
    CHECK(run(kernels::maximum) == std::max(c.a, c.b));
    CHECK(run(kernels::minimum) == std::min(c.a, c.b));
  }
}

TEST_CASE_TEMPLATE("integer kernels take strides and run in place", T, std::int32_t, std::int64_t) {
  for (Index n : {0, 1, 5, 33}) {
    for (Index strides = 0; strides < 4; ++strides) {
      const Index a_stride = strides & 1, b_stride = strides >> 1;
      std::vector<T> a, b, expected;
      for (Index i = 0; i < std::max<Index>(n, 1); ++i) {
        a.push_back(T(3 * i - 20));
        b.push_back(T(50 - i * i));
      }
      for (Index i = 0; i < n; ++i) expected.push_back(a[size_t(i * a_stride)] - b[size_t(i * b_stride)]);
      check_run(expected, [&](T* y) { kernels::subtract(a.data(), a_stride, b.data(), b_stride, y, n); });
      if (n == 0) continue;
      std::vector<T> in_place = b;
      kernels::subtract(a.data(), a_stride, in_place.data(), b_stride, in_place.data(), n);
      CHECK(in_place == expected);
    }
  }
}

TEST_CASE_TEMPLATE("integer square, negative, abs and sign", T, std::int32_t, std::int64_t) {
  constexpr T low = std::numeric_limits<T>::min();
  const std::vector<T> x = {-5, 0, 9, low};
  std::vector<T> y(x.size());
  kernels::square(x.data(), y.data(), 4);
  CHECK(y == std::vector<T>{25, 0, 81, 0});
  kernels::negative(x.data(), y.data(), 4);
  CHECK(y == std::vector<T>{5, 0, -9, low});
  kernels::abs(x.data(), y.data(), 4);
  CHECK(y == std::vector<T>{5, 0, 9, low});
  kernels::sign(x.data(), y.data(), 4);
  CHECK(y == std::vector<T>{-1, 0, 1, -1});
}

TEST_CASE_TEMPLATE("integer accumulation and reductions", T, std::int32_t, std::int64_t) {
  constexpr T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  const std::vector<T> x = {4, -7, 2, 11, 0, -3};
  std::vector<T> y = {1, 2, 3};
  kernels::add_rows_to(x.data(), 2, 3, y.data());
  CHECK(y == std::vector<T>{16, -5, 2});
  kernels::add_to(y.data(), x.data(), 3);
  CHECK(y == std::vector<T>{20, -12, 4});
  kernels::scale_add_to(y.data(), T(-2), x.data(), 3);
  CHECK(y == std::vector<T>{12, 2, 0});
  kernels::scale(y.data(), T(5), 3);
  CHECK(y == std::vector<T>{60, 10, 0});
  kernels::fill(y.data(), T(8), 2);
  CHECK(y == std::vector<T>{8, 8, 0});

  CHECK(kernels::sum(x.data(), 6) == 7);
  CHECK(kernels::dot(x.data(), x.data() + 3, 3) == 44 - 6);
  CHECK(kernels::sum_of_squares(x.data(), 3) == 69);
  CHECK(kernels::max(x.data(), 6) == 11);
  CHECK(kernels::min(x.data(), 6) == -7);
  CHECK(kernels::sum(x.data(), 0) == 0);
  CHECK(kernels::max(x.data(), 0) == low);
  CHECK(kernels::min(x.data(), 0) == high);
  const std::vector<T> large = {high, 2};
  CHECK(kernels::sum(large.data(), 2) == low + 1);
}

TEST_CASE("a run of bool is filled") {
  bool y[3] = {false, false, false};
  kernels::fill(y, true, 2);
  CHECK(y[0]);
  CHECK(y[1]);
  CHECK_FALSE(y[2]);
}
