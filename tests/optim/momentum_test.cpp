#include "unroll/optim/momentum.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("Momentum takes the steps that TensorFlow's MomentumOptimizer takes") {
  check_golden("MomentumOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<Momentum>(MomentumOptions{.learning_rate = argument(a, "learning_rate", NAN),
                                                      .momentum = argument(a, "momentum", NAN),
                                                      .use_nesterov = flag(a, "use_nesterov")});
  });
}

TEST_CASE("Momentum works in place and gives each element the same bits everywhere") {
  for (bool use_nesterov : {false, true})
    check_optimizer([=] {
      return std::make_unique<Momentum>(
          MomentumOptions{.learning_rate = 0.07, .momentum = 0.9, .use_nesterov = use_nesterov});
    });
}

TEST_CASE("Momentum reaches the minimum of a convex quadratic") {
  Momentum plain({.learning_rate = 0.05, .momentum = 0.7});
  CHECK(error_after(plain, 300) < 1e-5);
  Momentum nesterov({.learning_rate = 0.05, .momentum = 0.7, .use_nesterov = true});
  CHECK(error_after(nesterov, 300) < 1e-5);
}

TEST_CASE("Momentum sums decaying gradients; Nesterov's form looks one step ahead") {
  Momentum plain({.learning_rate = 0.5, .momentum = 0.75});
  Momentum nesterov({.learning_rate = 0.5, .momentum = 0.75, .use_nesterov = true});
  Variable x(Tensor{0.0}, "x"), y(Tensor{0.0}, "y");
  for (double g : {8.0, -4.0}) {
    plain.apply_gradients({{Tensor{g}, x}});
    nesterov.apply_gradients({{Tensor{g}, y}});
  }
  CHECK(array_equal(plain.slot(x, "momentum"), Tensor{2.0}));
  CHECK(array_equal(x, Tensor{-4.0 - 1.0}));
  CHECK(array_equal(y, Tensor{-(4.0 + 3.0) + (2.0 - 0.75)}));
}

TEST_CASE("Momentum without momentum is GradientDescent") {
  Momentum momentum({.learning_rate = 0.3, .momentum = 0});
  Variable x(numbers({5}, 1), "x");
  Tensor g = numbers({5}, 2);
  Tensor expected = x - g * 0.3;
  momentum.apply_gradients({{g, x}});
  CHECK(bit_equal(x, expected));
}

TEST_CASE("Momentum wants a learning rate and a momentum") {
  CHECK_THROWS_WITH_AS(Momentum({.momentum = 0.9}), doctest::Contains("Momentum: learning_rate is nan"), ValueError);
  CHECK_THROWS_WITH_AS(Momentum({.learning_rate = 0.1}), doctest::Contains("Momentum: momentum is nan"), ValueError);
  CHECK_THROWS_AS(Momentum({.learning_rate = 0.1, .momentum = -0.5}), ValueError);
}
