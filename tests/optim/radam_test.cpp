#include "unroll/optim/radam.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("RAdam works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<RAdam>(RAdamOptions{.learning_rate = 0.03, .beta2 = 0.6}); });
}

TEST_CASE("RAdam reaches the minimum of a convex quadratic") {
  RAdam radam({.learning_rate = 0.05});
  CHECK(error_after(radam, 1500) < 1e-4);
}

TEST_CASE("RAdam steps along the mean alone until the second moment can be trusted") {
  RAdam radam({.learning_rate = 0.5, .beta1 = 0.75, .beta2 = 0.999, .epsilon = 0});
  Variable x(Tensor{1.0}, "x");
  radam.apply_gradients({{Tensor{0.25}, x}});
  CHECK(array_equal(x, Tensor{0.875}));
  for (int k = 0; k < 4; ++k) radam.apply_gradients({{Tensor{0.25}, x}});
  CHECK(allclose(x, Tensor{1 - 5 * 0.125}, 1e-14, 0));
  const double longest = 2 / 0.001 - 1, power = std::pow(0.999, 6), r = longest - 12 * power / (1 - power);
  REQUIRE(r > 5);
  const double rect = std::sqrt((r - 4) * (r - 2) * longest / ((longest - 4) * (longest - 2) * r));
  radam.apply_gradients({{Tensor{0.25}, x}});
  CHECK(allclose(x, Tensor{1 - 5 * 0.125 - 0.5 * rect}, 1e-12, 0));
}

TEST_CASE("RAdam refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(RAdam({.beta1 = 1}), doctest::Contains("beta1 is 1"), ValueError);
  CHECK_THROWS_WITH_AS(RAdam({.beta2 = NAN}), doctest::Contains("beta2 is nan"), ValueError);
  CHECK_THROWS_WITH_AS(RAdam({.epsilon = -1}), doctest::Contains("epsilon is -1"), ValueError);
}
