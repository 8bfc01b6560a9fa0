#include "unroll/optim/adamax.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("Adamax works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<Adamax>(AdamaxOptions{.learning_rate = 0.03}); });
}

TEST_CASE("Adamax reaches the minimum of a convex quadratic") {
  Adamax adamax({.learning_rate = 0.1});
  CHECK(error_after(adamax, 4000) < 1e-4);
}

TEST_CASE("Adamax divides a mean of the gradients by the largest, which fades") {
  Adamax adamax({.learning_rate = 0.5, .beta1 = 0.75, .beta2 = 0.5, .epsilon = 0});
  Variable x(Tensor{1.0}, "x");
  adamax.apply_gradients({{Tensor{8.0}, x}});
  CHECK(array_equal(adamax.slot(x, "m"), Tensor{2.0}));
  CHECK(array_equal(adamax.slot(x, "v"), Tensor{8.0}));
  CHECK(array_equal(x, Tensor{0.5}));
  adamax.apply_gradients({{Tensor{-1.0}, x}});
  CHECK(array_equal(adamax.slot(x, "v"), Tensor{4.0}));
  CHECK(allclose(x, Tensor{0.5 - 0.5 / (1 - 0.5625) * 1.25 / 4}, 1e-15, 0));
}

TEST_CASE("Adamax's epsilon is added to the largest gradient, or to the gradient itself") {
  Variable x(Tensor{1.0}, "x"), y(Tensor{1.0}, "y");
  Adamax outside({.learning_rate = 1, .epsilon = 1});
  Adamax inside({.learning_rate = 1, .epsilon = 1, .epsilon_in_maximum = true});
  for (double g : {1.0, 4.0}) {
    outside.apply_gradients({{Tensor{g}, x}});
    inside.apply_gradients({{Tensor{g}, y}});
  }
  CHECK(array_equal(outside.slot(x, "v"), Tensor{4.0}));
  CHECK(array_equal(inside.slot(y, "v"), Tensor{5.0}));
}

TEST_CASE("Adamax refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(Adamax({.beta1 = 1}), doctest::Contains("beta1 is 1"), ValueError);
  CHECK_THROWS_WITH_AS(Adamax({.beta2 = -1}), doctest::Contains("beta2 is -1"), ValueError);
  CHECK_THROWS_WITH_AS(Adamax({.epsilon = -1}), doctest::Contains("epsilon is -1"), ValueError);
}
