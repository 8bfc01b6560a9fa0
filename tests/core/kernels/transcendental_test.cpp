#include "unroll/core/kernels/transcendental.hpp"

#include "core/kernels/accuracy.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

constexpr auto exact_exp = [](auto x) { return std::exp(x); };
constexpr auto exact_expm1 = [](auto x) { return std::expm1(x); };
constexpr auto exact_log = [](auto x) { return std::log(x); };
constexpr auto exact_log1p = [](auto x) { return std::log1p(x); };
constexpr auto exact_sin = [](auto x) { return std::sin(x); };
constexpr auto exact_cos = [](auto x) { return std::cos(x); };

}  // namespace

TEST_CASE("exp, expm1, log and log1p are within 4 ulp for floats of every kind") {
  check_all_floats(kernels::exp, 2, exact_exp);
  check_all_floats(kernels::expm1, 2, exact_expm1);
  check_all_floats(kernels::log, 2, exact_log);
  check_all_floats(kernels::log1p, 4, exact_log1p);
}

TEST_CASE("exp, expm1, log and log1p are within 4 ulp for doubles") {
  check_double_grid(kernels::exp, 2, 760, exact_exp);
  check_double_grid(kernels::exp, 2, 3, exact_exp);
  check_double_grid(kernels::expm1, 2, 760, exact_expm1);
  check_double_grid(kernels::expm1, 2, 1, exact_expm1);
  check_double_grid(kernels::log, 2, 3, exact_log);
  check_double_grid(kernels::log1p, 4, 1, exact_log1p);
  check_double_grid(kernels::log1p, 4, 100, exact_log1p);
}

TEST_CASE("sin and cos are right for large arguments too") {
  check_double_grid(kernels::sin, 4, 1000, exact_sin);
  check_double_grid(kernels::cos, 4, 1000, exact_cos);
}

TEST_CASE_TEMPLATE("special values give what the C library gives", T, float, double) {
  const auto check = [](Unary<T> kernel, auto exact) {
    for (T x : special_values<T>()) {
      const T y = alone(kernel)(x), expected = exact(x);
      INFO("x = ", x, ", y = ", y, ", expected ", expected);
      if (x == 0 || !std::isfinite(expected)) CHECK(same(y, expected));
      CHECK(ulp_distance(y, exact(static_cast<long double>(x))) < 4);
    }
  };
  for_each_target([&] {
    check(kernels::exp, exact_exp);
    check(kernels::expm1, exact_expm1);
    check(kernels::log, exact_log);
    check(kernels::log1p, exact_log1p);
    check(kernels::sin, exact_sin);
    check(kernels::cos, exact_cos);
  });
}

TEST_CASE_TEMPLATE("an element's result depends neither on its position nor on the length, and runs in place", T, float,
                   double) {
  for_each_target([] {
    check_unary<T>(kernels::exp, alone<T>(kernels::exp));
    check_unary<T>(kernels::expm1, alone<T>(kernels::expm1));
    check_unary<T>(kernels::log, alone<T>(kernels::log));
    check_unary<T>(kernels::log1p, alone<T>(kernels::log1p));
  });
  check_unary<T>(kernels::sin, [](T x) { return std::sin(x); });
  check_unary<T>(kernels::cos, [](T x) { return std::cos(x); });
  check_binary<T>(kernels::power, [](T a, T b) { return std::pow(a, b); });
}
