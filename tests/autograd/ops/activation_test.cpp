#include "unroll/autograd/ops/activation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/tape.hpp"

using namespace unroll;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
using Unary = std::function<Tensor(const Tensor&)>;

struct Case {
  const char* name;
  Unary op;
  std::function<double(double)> value;
  double at_minus_infinity, at_infinity;
};

const Case cases[] = {
    {"sigmoid", sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, 0, 1},
    {"tanh", unroll::tanh, [](double x) { return std::tanh(x); }, -1, 1},
    {"relu", relu, [](double x) { return x > 0 ? x : 0; }, 0, inf},
};

// Away from the kinks at 0.
const Tensor points{{-6.5, -1.3, -0.4, -0.01}, {0.02, 0.7, 1.9, 5.25}};

Tensor first_derivative(const Unary& op, const Tensor& x) {
  GradientTape tape;
  tape.watch(x);
  return tape.gradient(op(x), x, {.unconnected_gradients = Unconnected::zero});
}

}  // namespace

TEST_CASE("activations have the values of their formulas, in float64 and float32") {
  for (const Case& c : cases) {
    INFO(std::string(c.name));
    Tensor wide = c.op(points), narrow = c.op(cast(points, float32));
    CHECK(wide.dtype() == float64);
    CHECK(narrow.dtype() == float32);
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
    INFO(std::string(c.name));
    Tensor y = c.op(Tensor{-inf, inf, std::nan("")});
    CHECK(y.at<double>({0}) == c.at_minus_infinity);
    CHECK(y.at<double>({1}) == c.at_infinity);
    CHECK(std::isnan(y.at<double>({2})));
    Tensor narrow = c.op(Tensor{-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()});
    CHECK(narrow.at<float>({0}) == c.at_minus_infinity);
    CHECK(narrow.at<float>({1}) == c.at_infinity);
  }
}

TEST_CASE("activations have the gradients of differences, also at the second and third derivative") {
  for (const Case& c : cases) {
    INFO(std::string(c.name));
    auto first = check_gradients([&](const std::vector<Tensor>& x) { return c.op(x[0]); }, {points});
    CHECK_MESSAGE(first, first.to_string());
    Unary derivative = [&](const Tensor& x) { return first_derivative(c.op, x); };
    auto second = check_gradients([&](const std::vector<Tensor>& x) { return derivative(x[0]); }, {points});
    CHECK_MESSAGE(second, second.to_string());
    auto third =
        check_gradients([&](const std::vector<Tensor>& x) { return first_derivative(derivative, x[0]); }, {points});
    CHECK_MESSAGE(third, third.to_string());
  }
}

TEST_CASE("the gradient of relu at 0 is 0") {
  CHECK(array_equal(first_derivative(relu, Tensor{-1.0, -0.0, 0.0, 1.0}), Tensor{0.0, 0.0, 0.0, 1.0}));
  CHECK(bit_equal(relu(Tensor{-0.0, -3.0}), Tensor{0.0, 0.0}));
}

TEST_CASE("a saturated sigmoid or tanh has a gradient of 0, not NaN") {
  for (double x : {-1000.0, 1000.0, -inf, inf}) {
    CHECK(first_derivative(sigmoid, Tensor{x}).item<double>() == 0);
    CHECK(first_derivative(unroll::tanh, Tensor{x}).item<double>() == 0);
  }
}

TEST_CASE("activations refuse integers and null tensors") {
  for (const Case& c : cases) {
    INFO(std::string(c.name));
    CHECK_THROWS_AS(c.op(Tensor{1, 2}), TypeError);
    CHECK_THROWS_AS(c.op(Tensor{true}), TypeError);
    CHECK_THROWS_AS(c.op(Tensor()), ValueError);
  }
  CHECK_THROWS_WITH_AS(sigmoid(Tensor{1, 2}), "sigmoid: expected float32 or float64, got int32", TypeError);
}
