#include "unroll/optim/ftrl.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("Ftrl takes the steps that TensorFlow's FtrlOptimizer takes") {
  check_golden("FtrlOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<Ftrl>(
        FtrlOptions{.learning_rate = argument(a, "learning_rate", NAN),
                    .learning_rate_power = argument(a, "learning_rate_power", -0.5),
                    .initial_accumulator_value = argument(a, "initial_accumulator_value", 0.1),
                    .l1_regularization_strength = argument(a, "l1_regularization_strength", 0),
                    .l2_regularization_strength = argument(a, "l2_regularization_strength", 0),
                    .l2_shrinkage_regularization_strength = argument(a, "l2_shrinkage_regularization_strength", 0)});
  });
}

TEST_CASE("Ftrl works in place and gives each element the same bits everywhere") {
  for (double power : {-0.5, -0.75})
    check_optimizer([=] {
      return std::make_unique<Ftrl>(
          FtrlOptions{.learning_rate = 0.3, .learning_rate_power = power, .l1_regularization_strength = 0.01});
    });
}

TEST_CASE("Ftrl reaches the minimum of a convex quadratic") {
  Ftrl ftrl({.learning_rate = 0.5});
  CHECK(error_after(ftrl, 800) < 1e-3);
}

TEST_CASE("Ftrl sets weights to exactly 0 whose gradients do not outweigh l1") {
  Ftrl ftrl({.learning_rate = 0.5, .l1_regularization_strength = 4});
  Variable x(Tensor{0.0, 0.0}, "x");
  ftrl.apply_gradients({{Tensor{3.0, 5.0}, x}});
  CHECK(x.value().at<double>({0}) == 0);
  CHECK(x.value().at<double>({1}) < 0);
  CHECK(array_equal(ftrl.slot(x, "linear"), Tensor{3.0, 5.0}));
}

TEST_CASE("Ftrl refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(Ftrl({.learning_rate = 0}), doctest::Contains("greater than 0"), ValueError);
  CHECK_THROWS_WITH_AS(Ftrl({.learning_rate = 1, .learning_rate_power = 1}), doctest::Contains("at most 0"),
                       ValueError);
  CHECK_THROWS_WITH_AS(Ftrl({.learning_rate = 1, .l1_regularization_strength = -1}), doctest::Contains("l1_"),
                       ValueError);
  CHECK_THROWS_WITH_AS(Ftrl({.learning_rate = 1, .l2_regularization_strength = -1}), doctest::Contains("l2_reg"),
                       ValueError);
  CHECK_THROWS_WITH_AS(Ftrl({.learning_rate = 1, .l2_shrinkage_regularization_strength = -1}),
                       doctest::Contains("l2_shrinkage"), ValueError);
}
