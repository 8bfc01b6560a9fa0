#include "unroll/optim/proximal_adagrad.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("ProximalAdagrad takes the steps that TensorFlow's ProximalAdagradOptimizer takes") {
  check_golden("ProximalAdagradOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<ProximalAdagrad>(
        ProximalAdagradOptions{.learning_rate = argument(a, "learning_rate", NAN),
                               .initial_accumulator_value = argument(a, "initial_accumulator_value", 0.1),
                               .l1_regularization_strength = argument(a, "l1_regularization_strength", 0),
                               .l2_regularization_strength = argument(a, "l2_regularization_strength", 0)});
  });
}

TEST_CASE("ProximalAdagrad works in place and gives each element the same bits everywhere") {
  check_optimizer([] {
    return std::make_unique<ProximalAdagrad>(
        ProximalAdagradOptions{.learning_rate = 0.03, .l1_regularization_strength = 0.1});
  });
}

TEST_CASE("ProximalAdagrad reaches the minimum of a convex quadratic") {
  ProximalAdagrad adagrad({.learning_rate = 0.5});
  CHECK(error_after(adagrad, 800) < 1e-5);
}

TEST_CASE("ProximalAdagrad shrinks by the learning rate of each element") {
  ProximalAdagrad adagrad({.learning_rate = 1,
                           .initial_accumulator_value = 7,
                           .l1_regularization_strength = 4,
                           .l2_regularization_strength = 4});
  Variable x(Tensor{4.0, 1.0}, "x");
  adagrad.apply_gradients({{Tensor{3.0, 3.0}, x}});
  CHECK(array_equal(adagrad.slot(x, "accumulator"), Tensor{16.0, 16.0}));
  CHECK(array_equal(x, Tensor{(4 - 0.75 - 1) / 2, 0.0}));
}

TEST_CASE("ProximalAdagrad refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(ProximalAdagrad({.learning_rate = 1, .initial_accumulator_value = 0}),
                       doctest::Contains("greater than 0"), ValueError);
  CHECK_THROWS_WITH_AS(ProximalAdagrad({.learning_rate = 1, .l1_regularization_strength = -1}),
                       doctest::Contains("l1_"), ValueError);
  CHECK_THROWS_WITH_AS(ProximalAdagrad({.learning_rate = 1, .l2_regularization_strength = -1}),
                       doctest::Contains("l2_"), ValueError);
}
