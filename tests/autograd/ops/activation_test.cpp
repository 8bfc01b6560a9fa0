#include "unroll/autograd/ops/activation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/derivatives.hpp"
#include "unroll/autograd/ops/activation_by_name.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/softmax.hpp"

using namespace unroll;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), NaN = std::numeric_limits<double>::quiet_NaN();
constexpr double selu_scale = 1.0507009873554804934193349852946, selu_alpha = 1.6732632423543772848170429916717;

struct Case {
  std::string name;
  UnaryFunction op;
  double (*value)(double);
  double at_minus_infinity, at_infinity;
};

double sigmoid_value(double x) { return 1 / (1 + std::exp(-x)); }

const Case cases[] = {
    {"sigmoid", sigmoid, sigmoid_value, 0, 1},
    {"tanh", unroll::tanh, [](double x) { return std::tanh(x); }, -1, 1},
    {"hard_sigmoid", hard_sigmoid, [](double x) { return std::fmax(0, std::fmin(1, 0.2 * x + 0.5)); }, 0, 1},
    {"softsign", softsign, [](double x) { return x / (1 + std::fabs(x)); }, NaN, NaN},
    {"softplus", softplus, [](double x) { return std::log1p(std::exp(x)); }, 0, inf},
    {"relu", relu, [](double x) { return x > 0 ? x : 0; }, 0, inf},
    {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); }, [](double x) { return x > 0 ? x : 0.2 * x; }, -inf,
     inf},
    {"leaky_relu by -3", [](const Tensor& x) { return leaky_relu(x, -3); }, [](double x) { return x > 0 ? x : -3 * x; },
     inf, inf},
    {"elu", elu, [](double x) { return x > 0 ? x : std::expm1(x); }, -1, inf},
    {"selu", selu, [](double x) { return selu_scale * (x > 0 ? x : selu_alpha * std::expm1(x)); },
     -selu_scale* selu_alpha, inf},
    {"gelu", [](const Tensor& x) { return gelu(x); },
     [](double x) { return 0.5 * x * std::erfc(-x * std::numbers::sqrt2 / 2); }, NaN, inf},
    {"gelu, approximate", [](const Tensor& x) { return gelu(x, true); },
     [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x))); },
     NaN, inf},
    {"swish", swish, [](double x) { return x * sigmoid_value(x); }, NaN, inf},
};

// Away from the kinks at 0 and +-2.5.
const Tensor points{{-6.5, -1.3, -0.4, -0.01}, {0.02, 0.7, 1.9, 5.25}};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

TEST_CASE("activations have the values of their formulas, in float64 and float32") {
  for (const Case& c : cases) {
    INFO(c.name);
    Tensor wide = c.op(points), narrow = c.op(cast(points, float32));
    CHECK(wide.spec() == TensorSpec{{2, 4}, float64});
    CHECK(narrow.spec() == TensorSpec{{2, 4}, float32});
    for (Index k = 0; k < points.size(); ++k) {
      double expected = c.value(points.data<double>()[k]);
      CHECK(std::abs(wide.data<double>()[k] - expected) <= 1e-15 + 1e-14 * std::abs(expected));
      CHECK(std::abs(narrow.data<float>()[k] - expected) <= 1e-7 + 1e-6 * std::abs(expected));
    }
    CHECK(c.op(Tensor(TensorSpec{{0, 3}, float32})).spec() == TensorSpec{{0, 3}, float32});
  }
}

TEST_CASE("activations go to their limits at infinity and pass NaN on") {
  for (const Case& c : cases) {
    INFO(c.name);
    for (DType dtype : {float32, float64}) {
      Tensor y = cast(c.op(Tensor({-inf, inf, NaN}, dtype)), float64);
      CHECK(same(y.at<double>({0}), dtype == float32 ? static_cast<float>(c.at_minus_infinity) : c.at_minus_infinity));
      CHECK(same(y.at<double>({1}), c.at_infinity));
      CHECK(std::isnan(y.at<double>({2})));
    }
  }
}

TEST_CASE("activations have the gradients of differences, also of second and third order") {
  for (const Case& c : cases) {
    INFO(c.name);
    check_derivatives(c.op, points);
  }
}

TEST_CASE("activations refuse integers and null tensors") {
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_THROWS_AS(c.op(Tensor{1, 2}), TypeError);
    CHECK_THROWS_AS(c.op(Tensor{true}), TypeError);
    CHECK_THROWS_AS(c.op(Tensor()), ValueError);
  }
  CHECK_THROWS_WITH_AS(sigmoid(Tensor{1, 2}), "sigmoid: expected float32 or float64, got int32", TypeError);
  CHECK_THROWS_WITH_AS(selu(Tensor{1, 2}), "selu: expected float32 or float64, got int32", TypeError);
  CHECK_THROWS_WITH_AS(hard_sigmoid(Tensor{1}), "hard_sigmoid: expected float32 or float64, got int32", TypeError);
}

TEST_CASE("the gradients at the kinks are TensorFlow's") {
  Tensor zeros{-0.0, 0.0};
  CHECK(array_equal(derivative(relu, zeros), Tensor{0.0, 0.0}));
  CHECK(array_equal(derivative([](const Tensor& x) { return leaky_relu(x, 0.3); }, zeros), Tensor{0.3, 0.3}));
  CHECK(array_equal(derivative(elu, zeros), Tensor{1.0, 1.0}));
  CHECK(array_equal(derivative(selu, zeros), Tensor{selu_scale, selu_scale}));
  CHECK(array_equal(derivative(softsign, zeros), Tensor{1.0, 1.0}));
  CHECK(array_equal(derivative(hard_sigmoid, Tensor{-2.6, -2.5, 2.5, 2.6}), Tensor{0.0, 0.2, 0.2, 0.0}));
}

TEST_CASE("relu of -0 is +0, elu and leaky_relu of -0 are -0") {
  CHECK(bit_equal(relu(Tensor{-0.0, -3.0}), Tensor{0.0, 0.0}));
  CHECK(bit_equal(elu(Tensor{-0.0}), Tensor{-0.0}));
  CHECK(bit_equal(leaky_relu(Tensor{-0.0}), Tensor{-0.0}));
}

TEST_CASE("a saturated activation has a gradient of 0, not NaN") {
  for (double x : {-1000.0, 1000.0, -inf, inf}) {
    CHECK(derivative(sigmoid, Tensor{x}).item<double>() == 0);
    CHECK(derivative(unroll::tanh, Tensor{x}).item<double>() == 0);
    CHECK(derivative(softplus, Tensor{x}).item<double>() == (x > 0));
  }
  CHECK(derivative(elu, Tensor{-inf}).item<double>() == 0);
  CHECK(derivative(swish, Tensor{-1000.0, 1000.0}).at<double>({0}) == 0);
}

TEST_CASE("the exact gelu keeps its digits far below 0, and the approximate one is another function") {
  double expected = 0.5 * -9.5 * std::erfc(9.5 / std::numbers::sqrt2);  // 1 + erf(...) would give 0
  CHECK(gelu(Tensor{-9.5}).item<double>() == doctest::Approx(expected).epsilon(1e-12));
  CHECK(gelu(Tensor{-9.5f}).item<double>() == doctest::Approx(expected).epsilon(1e-6));
  double difference = gelu(Tensor{1.5}).item<double>() - gelu(Tensor{1.5}, true).item<double>();
  CHECK(std::abs(difference) > 1e-5);
  CHECK(std::abs(difference) < 1e-3);
}

TEST_CASE("the gradient of sigmoid, tanh, relu, elu and leaky_relu is one op") {
  Variable x(Tensor{0.3, -1.2}, "x");
  UnaryFunction ops[] = {sigmoid, unroll::tanh, relu, elu, [](const Tensor& in) { return leaky_relu(in); }};
  for (const UnaryFunction& op : ops) {
    GradientTape outer;
    GradientTape inner;
    inner.gradient(op(x), x);
    CHECK(outer.size() == 2);
  }
}

TEST_CASE("a recorded activation keeps its output or its input, not both") {
  for (const Case& c : cases) {
    INFO(c.name);
    GradientTape tape;
    Tensor source{0.5, -0.7};
    tape.watch(source);
    Tensor x = identity(source), y = c.op(x);
    source.reset();
    CHECK((y.is_unique() || x.impl().references == 1));
  }
}

TEST_CASE("activations are found by their names") {
  for (const Case& c : cases)
    if (c.name.find_first_of(", ") == std::string::npos) {
      INFO(c.name);
      CHECK(bit_equal(activation(c.name)(points), c.op(points)));
    }
  CHECK(activation("linear")(points).is_same(points));
  CHECK(bit_equal(activation("silu")(points), swish(points)));
  CHECK(activation("exponential")(Tensor{0.0}).item<double>() == 1);
  CHECK(bit_equal(activation("softmax")(points), softmax(points)));
  CHECK_THROWS_WITH_AS(
      activation("Tanh"),
      "activation: \"Tanh\" is none of elu, exponential, gelu, hard_sigmoid, leaky_relu, linear, relu, "
      "selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh",
      ValueError);
  CHECK_THROWS_AS(activation(""), ValueError);
}
