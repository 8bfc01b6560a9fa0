#include "unroll/optim/lion.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("Lion works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<Lion>(LionOptions{.learning_rate = 0.03}); });
}

TEST_CASE("Lion comes within its step of the minimum of a convex quadratic") {
  Lion lion({.learning_rate = 0.01});
  CHECK(error_after(lion, 1000) < 0.1);
}

TEST_CASE("Lion's steps have one size, along the sign of what mixes momentum and gradient") {
  Lion lion({.learning_rate = 0.5, .beta1 = 0.75, .beta2 = 0.5});
  Variable x(Tensor{1.0, 1.0, 1.0}, "x");
  lion.apply_gradients({{Tensor{8.0, -1e-9, 0.0}, x}});
  CHECK(array_equal(x, Tensor{0.5, 1.5, 1.0}));
  CHECK(array_equal(lion.slot(x, "momentum"), Tensor{4.0, -5e-10, 0.0}));
  lion.apply_gradients({{Tensor{-11.0, -13.0, 0.0}, x}});  // 3 - 2.75, towards the momentum still
  CHECK(array_equal(x, Tensor{0.0, 2.0, 1.0}));
}

TEST_CASE("Lion's weights decay apart from the gradient") {
  Lion lion({.learning_rate = 0.5, .weight_decay = {.rate = 0.25}});
  Variable x(Tensor{8.0}, "x");
  lion.apply_gradients({{Tensor{1.0}, x}});
  CHECK(array_equal(x, Tensor{6.5}));
}

TEST_CASE("Lion refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(Lion({.beta1 = 1}), doctest::Contains("beta1 is 1"), ValueError);
  CHECK_THROWS_WITH_AS(Lion({.beta2 = -1}), doctest::Contains("beta2 is -1"), ValueError);
  CHECK_THROWS_WITH_AS(Lion({.weight_decay = {.rate = -1}}), doctest::Contains("weight_decay is -1"), ValueError);
}
