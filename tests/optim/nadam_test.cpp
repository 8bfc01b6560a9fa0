#include "unroll/optim/nadam.hpp"

#include "optim/optimizer_checks.hpp"
#include "unroll/optim/exponential_decay.hpp"

using namespace unroll;

TEST_CASE("NAdam works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<NAdam>(NAdamOptions{.learning_rate = 0.03}); });
}

TEST_CASE("NAdam reaches the minimum of a convex quadratic") {
  NAdam nadam({.learning_rate = exponential_decay({.learning_rate = 0.05, .decay_steps = 300, .decay_rate = 0.5})});
  CHECK(error_after(nadam, 3000) < 1e-4);
}

TEST_CASE("NAdam's step mixes the momentum of the next step with the gradient of this one") {
  NAdam nadam({.learning_rate = 0.5, .beta1 = 0.75, .beta2 = 0.5, .epsilon = 0, .momentum_decay = 1});
  Variable x(Tensor{1.0}, "x");
  nadam.apply_gradients({{Tensor{8.0}, x}});
  const double mu1 = 0.75 * (1 - 0.5 * 0.96), mu2 = 0.75 * (1 - 0.5 * 0.96 * 0.96);
  const double mhat = mu2 * 2 / (1 - mu1 * mu2) + (1 - mu1) * 8 / (1 - mu1);
  CHECK(allclose(x, Tensor{1 - 0.5 * mhat / 8}, 1e-14, 0));
  auto all = nadam.variables();
  REQUIRE(all.size() == 3);
  CHECK(all[0].name() == "momentum_product");
  CHECK(allclose(all[0], Tensor(mu1), 1e-15, 0));
  CHECK(all[1].name() == "x/NAdam");
}

TEST_CASE("NAdam refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(NAdam({.beta1 = 1}), doctest::Contains("beta1 is 1"), ValueError);
  CHECK_THROWS_WITH_AS(NAdam({.beta2 = 2}), doctest::Contains("beta2 is 2"), ValueError);
  CHECK_THROWS_WITH_AS(NAdam({.epsilon = -1}), doctest::Contains("epsilon is -1"), ValueError);
  CHECK_THROWS_AS(NAdam({.product_dtype = int32}), TypeError);
  CHECK_THROWS_WITH_AS(NAdam({.momentum_decay = -1}), doctest::Contains("momentum_decay is -1"), ValueError);
}
