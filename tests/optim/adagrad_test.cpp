#include "unroll/optim/adagrad.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("Adagrad takes the steps that TensorFlow's AdagradOptimizer takes") {
  check_golden("AdagradOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<Adagrad>(
        AdagradOptions{.learning_rate = argument(a, "learning_rate", NAN),
                       .initial_accumulator_value = argument(a, "initial_accumulator_value", 0.1)});
  });
}

TEST_CASE("Adagrad works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<Adagrad>(AdagradOptions{.learning_rate = 0.03}); });
}

TEST_CASE("Adagrad reaches the minimum of a convex quadratic") {
  Adagrad adagrad({.learning_rate = 0.5});
  CHECK(error_after(adagrad, 800) < 1e-5);
}

TEST_CASE("Adagrad's epsilon is added below the root or to it") {
  Variable x(Tensor{1.0}, "x"), y(Tensor{1.0}, "y");
  Adagrad below({.learning_rate = 0.5, .initial_accumulator_value = 0, .epsilon = 7});
  Adagrad beside({.learning_rate = 0.5, .initial_accumulator_value = 0, .epsilon = 7, .epsilon_in_root = false});
  below.apply_gradients({{Tensor{3.0}, x}});
  beside.apply_gradients({{Tensor{3.0}, y}});
  CHECK(array_equal(x, Tensor{1 - 1.5 / 4}));
  CHECK(array_equal(y, Tensor{1 - 1.5 / 10}));
  CHECK(array_equal(below.slot(x, "accumulator"), Tensor{9.0}));
}

TEST_CASE("Adagrad refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(Adagrad({}), doctest::Contains("learning_rate is nan"), ValueError);
  CHECK_THROWS_WITH_AS(Adagrad({.learning_rate = 1, .initial_accumulator_value = 0}),
                       doctest::Contains("greater than 0, as epsilon is 0"), ValueError);
  CHECK_THROWS_WITH_AS(Adagrad({.learning_rate = 1, .epsilon = -1}), doctest::Contains("epsilon is -1"), ValueError);
}
