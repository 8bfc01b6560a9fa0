#include "unroll/autograd/ops/math.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/derivatives.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"

using namespace unroll;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), NaN = std::numeric_limits<double>::quiet_NaN();

struct Case {
  std::string name;
  UnaryFunction op;
  double (*value)(double);
  double lowest;  // of the points where it and its derivatives are finite
};

const Case cases[] = {
    {"square", square, [](double x) { return x * x; }, -9},
    {"sqrt", unroll::sqrt, [](double x) { return std::sqrt(x); }, 0},
    {"rsqrt", rsqrt, [](double x) { return 1 / std::sqrt(x); }, 0},
    {"exp", unroll::exp, [](double x) { return std::exp(x); }, -9},
    {"expm1", unroll::expm1, [](double x) { return std::expm1(x); }, -9},
    {"log", unroll::log, [](double x) { return std::log(x); }, 0},
    {"log1p", unroll::log1p, [](double x) { return std::log1p(x); }, -1},
    {"abs", unroll::abs, [](double x) { return std::fabs(x); }, -9},
    {"sign", sign, [](double x) { return std::isnan(x) ? x : (x > 0) - (x < 0); }, -9},
    {"sin", unroll::sin, [](double x) { return std::sin(x); }, -9},
    {"cos", unroll::cos, [](double x) { return std::cos(x); }, -9},
};

Tensor points(double lowest) {
  std::vector<double> values;
  for (double x : {-5.5, -1.7, -0.8, -0.02, 0.03, 0.4, 1.0, 1.3, 2.5, 3.25})
    if (x > lowest) values.push_back(x);
  return Tensor(Shape(static_cast<Index>(values.size())), values);
}

double at(const Tensor& x, Index k) { return x.data<double>()[k]; }

void check_both(Tensor (*op)(const Tensor&, const Tensor&), const Tensor& a, const Tensor& b) {
  auto check = check_gradients([&](const std::vector<Tensor>& x) { return op(x[0], x[1]); }, {a, b});
  CHECK_MESSAGE(check, check.to_string());
  auto second = check_gradients(
      [&](const std::vector<Tensor>& x) {
        GradientTape tape;
        tape.watch(x[0]);
        tape.watch(x[1]);
        Tensor y = op(x[0], x[1]);
        return tape.gradient(y * y, Nest::tuple({x[0], x[1]}));
      },
      {a, b});
  CHECK_MESSAGE(second, second.to_string());
}

}  // namespace

TEST_CASE("functions of one number have the values of the C library's, in float64 and float32") {
  for (const Case& c : cases) {
    INFO(c.name);
    Tensor x = points(c.lowest), x32 = cast(x, float32), wide = c.op(x), narrow = c.op(x32);
    CHECK(wide.spec() == x.spec());
    CHECK(narrow.spec() == x32.spec());
    for (Index k = 0; k < x.size(); ++k) {
      double expected = c.value(at(x, k)), expected32 = c.value(x32.data<float>()[k]);
      CHECK(std::abs(at(wide, k) - expected) <= 1e-15 * std::abs(expected));
      CHECK(std::abs(narrow.data<float>()[k] - expected32) <= 4e-7 * std::abs(expected32));
    }
    CHECK(c.op(Tensor(TensorSpec{{2, 0}, float32})).spec() == TensorSpec{{2, 0}, float32});
  }
}

TEST_CASE("zeros, infinities and NaN give what the C library gives, with its sign") {
  for (const Case& c : cases) {
    INFO(c.name);
    for (double x : {0.0, -0.0, inf, -inf, NaN, -1.0, -2.0}) {
      INFO(x);
      double expected = c.value(x), wide = c.op(Tensor(x)).item<double>();
      double narrow = c.op(Tensor(static_cast<float>(x))).item<double>();
      for (double y : {wide, narrow}) {
        if (std::isnan(expected)) {
          CHECK(std::isnan(y));
        } else {
          CHECK((y == expected || std::abs(y - expected) <= 1e-6));
          CHECK(std::signbit(y) == std::signbit(expected));
        }
      }
    }
  }
}

TEST_CASE("functions of one number have the gradients of differences, also of second and third order") {
  for (const Case& c : cases) {
    INFO(c.name);
    Tensor x = points(c.lowest + 0.1);  // differences fail close to a pole
    check_derivatives(c.op, x);
  }
}

TEST_CASE("square, abs, sign and squared_difference are for integers, too, but not for bool") {
  CHECK(array_equal(square(Tensor{3, -4}), Tensor{9, 16}));
  CHECK(array_equal(unroll::abs(Tensor{3, -4}), Tensor{3, 4}));
  CHECK(array_equal(sign(cast(Tensor{3, -4, 0}, int64)), cast(Tensor{1, -1, 0}, int64)));
  CHECK(array_equal(squared_difference(Tensor{3, -4}, Tensor{1}), Tensor{4, 25}));
  CHECK_THROWS_WITH_AS(square(Tensor{true}), "square: expected numbers, got bool", TypeError);
  CHECK_THROWS_WITH_AS(squared_difference(Tensor{true}, Tensor{true}), "squared_difference: expected numbers, got bool",
                       TypeError);
}

TEST_CASE("the other functions are for floating point only") {
  for (const Case& c : cases) {
    if (c.name == "square" || c.name == "abs" || c.name == "sign") continue;
    INFO(c.name);
    CHECK_THROWS_AS(c.op(Tensor{1, 2}), TypeError);
    CHECK_THROWS_AS(c.op(Tensor()), ValueError);
  }
  CHECK_THROWS_WITH_AS(unroll::exp(Tensor{1}), "exp: expected float32 or float64, got int32", TypeError);
  CHECK_THROWS_WITH_AS(power(Tensor{1}, 2), "power: expected float32 or float64, got int32", TypeError);
  CHECK_THROWS_AS(power(Tensor{1}, Tensor{2}), TypeError);
}

TEST_CASE("the gradients at the edges are TensorFlow's") {
  CHECK(array_equal(derivative(unroll::abs, Tensor{-2.0, -0.0, 0.0, 3.0}), Tensor{-1.0, 0.0, 0.0, 1.0}));
  CHECK(derivative(unroll::sqrt, Tensor{0.0}).item<double>() == inf);
  CHECK(derivative(unroll::log, Tensor{0.0}).item<double>() == inf);
  CHECK(derivative(rsqrt, Tensor{0.0}).item<double>() == -inf);
  Variable x(Tensor{2.0}, "x");
  GradientTape tape;
  CHECK(array_equal(tape.gradient(sign(x), x), Tensor{0.0}));  // zeros, not None
}

TEST_CASE("the gradient of expm1 keeps its digits for large negative numbers") {
  CHECK(derivative(unroll::expm1, Tensor{-30.0}).item<double>() == doctest::Approx(std::exp(-30.0)).epsilon(1e-13));
}

TEST_CASE("powers and squared differences broadcast, forward and backward") {
  const Tensor a{{1.5, 2.0, 0.25}, {3.0, 0.5, 1.25}};
  const Tensor others[] = {Tensor(2.5), Tensor{1.0, 2.0, 3.0}, Tensor{{0.5}, {4.0}},
                           Tensor{{{1.0}, {2.0}}, {{3.0}, {1.5}}}};
  for (const Tensor& b : others) {
    check_both(power, a, b);
    check_both(power, b, a);
    check_both(squared_difference, a, b);
    check_both(squared_difference, b, a);
  }
  CHECK(array_equal(squared_difference(a, others[2]), Tensor{{1.0, 2.25, 0.0625}, {1.0, 12.25, 7.5625}}));
  Tensor p = power(Tensor{{2.0}, {3.0}}, Tensor{2.0, -1.0, 0.0});
  CHECK(p.shape() == Shape{2, 3});
  CHECK(p.at<double>({1, 0}) == doctest::Approx(9));
  CHECK(p.at<double>({0, 1}) == doctest::Approx(0.5));
  CHECK(p.at<double>({1, 2}) == 1);
  CHECK_THROWS_WITH_AS(power(a, Tensor{1.0, 2.0}), "power: shapes (2, 3) and (2,) cannot be broadcast together",
                       ValueError);
  CHECK_THROWS_AS(power(a, Tensor(2.f)), TypeError);
}

TEST_CASE("powers with a number as exponent agree with those of a tensor, with their derivatives") {
  for (double exponent : {-1.5, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0}) {
    INFO(exponent);
    Tensor x{0.3, 1.7, 4.5};
    Tensor by_tensor = power(x, Tensor(exponent)), by_number = power(x, exponent);
    for (Index k = 0; k < 3; ++k) CHECK(at(by_number, k) == doctest::Approx(at(by_tensor, k)).epsilon(1e-14));
    check_derivatives([&](const Tensor& in) { return power(in, exponent); }, x);
    check_derivatives([&](const Tensor& in) { return power(in, Tensor(exponent)); }, x);
  }
  CHECK(array_equal(power(Tensor{-3.f, 0.f}, 2), Tensor{9.f, 0.f}));
}

TEST_CASE("a negative base has powers and a gradient for whole exponents") {
  check_derivatives([](const Tensor& x) { return power(x, 3); }, Tensor{-2.5, -0.3, 0.0});
  CHECK(std::isnan(power(Tensor{-2.0}, 0.5).item<double>()));
}

TEST_CASE("gradients of powers at a base of 0 or less are finite where TensorFlow's are") {
  Variable base(Tensor{0.0, -2.0, 3.0}, "base"), exponent(Tensor{2.0, 2.0, 2.0}, "exponent");
  GradientTape tape;
  auto g = tape.gradient(power(base, exponent), std::vector<Variable>{base, exponent});
  CHECK(array_equal(g[0], Tensor{0.0, -4.0, 6.0}));
  CHECK(at(g[1], 0) == 0);
  CHECK(at(g[1], 1) == 0);
  CHECK(at(g[1], 2) == doctest::Approx(9 * std::log(3.0)));
}

TEST_CASE("the gradient of a power with exponent 0 is 0, at a base of 0 as well") {
  CHECK(array_equal(derivative([](const Tensor& x) { return power(x, 0); }, Tensor{0.0, 2.0}), Tensor{0.0, 0.0}));
  CHECK(array_equal(derivative([](const Tensor& x) { return power(x, Tensor(0.0)); }, Tensor{0.0, 2.0}),
                    Tensor{0.0, 0.0}));
  UnaryFunction f = [](const Tensor& x) { return power(x, 2); };
  for (int order = 1; order <= 4; ++order) {
    f = [f](const Tensor& x) { return derivative(f, x); };
    CHECK(f(Tensor{0.0}).item<double>() == (order == 2 ? 2 : 0));
  }
}
