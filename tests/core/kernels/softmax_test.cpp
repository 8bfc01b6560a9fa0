#include "unroll/core/kernels/softmax.hpp"

#include <numeric>

#include "core/kernels/support.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

template <class T>
using Rows = void (*)(const T* x, Index rows, Index columns, T* y);

template <class T>
std::vector<T> logits(Index n, double spread) {
  std::vector<T> x;
  for (Index i = 0; i < n; ++i) x.push_back(T(std::sin(double(i * i) + 0.3) * spread - 1));
  return x;
}

/// log(sum(exp(x))) of one row.
template <class T>
long double log_sum_exp(const T* x, Index columns) {
  const long double m = *std::max_element(x, x + columns);
  return m + std::log(std::accumulate(x, x + columns, 0.0L,
                                      [m](long double sum, long double v) { return sum + std::exp(v - m); }));
}

}  // namespace

TEST_CASE_TEMPLATE("softmax and its logarithm are accurate for small and large logits", T, float, double) {
  constexpr T epsilon = std::numeric_limits<T>::epsilon();
  for_each_target([&] {
    for (Index columns : {1, 2, 7, 16, 33, 100, 5000}) {
      for (double spread : {0.5, 10.0, 300.0}) {
        const Index rows = 3;
        const std::vector<T> x = logits<T>(rows * columns, spread);
        std::vector<T> y(x.size()), log_y(x.size());
        kernels::softmax_rows(x.data(), rows, columns, y.data());
        kernels::log_softmax_rows(x.data(), rows, columns, log_y.data());
        long double worst = 0, worst_log = 0;
        for (Index r = 0; r < rows; ++r) {
          const long double log_sum = log_sum_exp(x.data() + r * columns, columns);
          for (Index i = r * columns; i < (r + 1) * columns; ++i) {
            const long double exact = x[size_t(i)] - log_sum;
            worst = std::max(worst, std::fabs(y[size_t(i)] - std::exp(exact)) /
                                        (std::exp(exact) * (8 + std::fabs(exact)) + std::numeric_limits<T>::min()));
            worst_log = std::max(worst_log, std::fabs(log_y[size_t(i)] - exact) / (8 + std::fabs(exact)));
          }
        }
        INFO(columns, " columns, spread ", spread);
        CHECK(worst < epsilon);
        CHECK(worst_log < epsilon);
      }
    }
  });
}

TEST_CASE_TEMPLATE("log_sum_exp is the maximum and a small rest", T, float, double) {
  constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  for_each_target([&] {
    for (Index n : {1, 2, 7, 16, 33, 100, 5000}) {
      const std::vector<T> x = logits<T>(n, 30);
      T shift = nan;
      const T rest = kernels::log_sum_exp(x.data(), n, &shift);
      INFO(n, " elements");
      CHECK(shift == *std::max_element(x.begin(), x.end()));
      CHECK(std::fabs(rest - (log_sum_exp(x.data(), n) - shift)) < 8 * std::numeric_limits<T>::epsilon());
    }
    const auto with_shift = [&](std::vector<T> x) {
      T shift, rest = kernels::log_sum_exp(x.data(), Index(x.size()), &shift);
      return shift == 0 ? rest : nan;
    };
    CHECK(with_shift({}) == -infinity);
    CHECK(with_shift({-infinity, -infinity}) == -infinity);
    CHECK(with_shift({1, infinity}) == infinity);
    CHECK(std::isnan(with_shift({0, nan, -3})));
  });
}

TEST_CASE_TEMPLATE("a row's result depends on that row alone, at any alignment, in place too", T, float, double) {
  for_each_target([] {
    for (Rows<T> kernel : {Rows<T>(kernels::softmax_rows), Rows<T>(kernels::log_softmax_rows)}) {
      for (Index columns = 1; columns <= 70; ++columns) {
        const Index rows = 4;
        const std::vector<T> x = logits<T>(rows * columns, 3);
        std::vector<T> expected(x.size());
        for (Index r = 0; r < rows; ++r) kernel(x.data() + r * columns, 1, columns, expected.data() + r * columns);
        check_run(expected, [&](T* y) { kernel(x.data(), rows, columns, y); });
        check_run(expected, [&](T* y) {
          std::copy(x.begin(), x.end(), y);
          kernel(y, rows, columns, y);
        });
      }
    }
  });
}

TEST_CASE_TEMPLATE("infinities and NaN in a row", T, float, double) {
  constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  for_each_target([] {
    const std::vector<T> x = {-infinity, 2, 2, nan, 0, 1, infinity, 0, 1, -infinity, -infinity, -infinity};
    std::vector<T> y(x.size()), log_y(x.size());
    kernels::softmax_rows(x.data(), 4, 3, y.data());
    kernels::log_softmax_rows(x.data(), 4, 3, log_y.data());
    CHECK(std::vector<T>(y.begin(), y.begin() + 3) == std::vector<T>{0, T(0.5), T(0.5)});
    CHECK(log_y[0] == -infinity);
    CHECK(log_y[1] == doctest::Approx(-std::log(2.0)));
    for (size_t i : {3, 4, 5, 6, 9, 10, 11}) {
      INFO("element ", i);
      CHECK(std::isnan(y[i]));
      CHECK(std::isnan(log_y[i]));
    }
  });
}

TEST_CASE("no rows and no columns are no work") {
  float untouched = 5;
  kernels::softmax_rows(&untouched, 0, 7, &untouched);
  kernels::softmax_rows(&untouched, 3, 0, &untouched);
  kernels::log_softmax_rows(&untouched, 3, 0, &untouched);
  CHECK(untouched == 5);
}
