#include "unroll/optim/proximal_gradient_descent.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("ProximalGradientDescent takes the steps that TensorFlow's ProximalGradientDescentOptimizer takes") {
  check_golden("ProximalGradientDescentOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<ProximalGradientDescent>(
        ProximalGradientDescentOptions{.learning_rate = argument(a, "learning_rate", NAN),
                                       .l1_regularization_strength = argument(a, "l1_regularization_strength", 0),
                                       .l2_regularization_strength = argument(a, "l2_regularization_strength", 0)});
  });
}

TEST_CASE("ProximalGradientDescent works in place and gives each element the same bits everywhere") {
  check_optimizer([] {
    return std::make_unique<ProximalGradientDescent>(ProximalGradientDescentOptions{
        .learning_rate = 0.03, .l1_regularization_strength = 0.1, .l2_regularization_strength = 0.2});
  });
}

TEST_CASE("ProximalGradientDescent reaches the minimum of a convex quadratic") {
  ProximalGradientDescent descent({.learning_rate = 0.1});
  CHECK(error_after(descent, 400) < 1e-6);
}

TEST_CASE("ProximalGradientDescent shrinks towards 0 and stops there") {
  ProximalGradientDescent descent(
      {.learning_rate = 0.5, .l1_regularization_strength = 1, .l2_regularization_strength = 2});
  Variable x(Tensor{4.0, -4.0, 1.0}, "x");
  descent.apply_gradients({{Tensor{1.0, 0.0, 1.5}, x}});
  CHECK(array_equal(x, Tensor{1.5, -1.75, 0.0}));
}

TEST_CASE("ProximalGradientDescent refuses impossible numbers") {
  CHECK_THROWS_AS(ProximalGradientDescent({}), ValueError);
  CHECK_THROWS_WITH_AS(ProximalGradientDescent({.learning_rate = 1, .l1_regularization_strength = -1}),
                       doctest::Contains("l1_"), ValueError);
  CHECK_THROWS_WITH_AS(ProximalGradientDescent({.learning_rate = 1, .l2_regularization_strength = -1}),
                       doctest::Contains("l2_"), ValueError);
}
