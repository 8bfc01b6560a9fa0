#include "unroll/optim/adadelta.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("Adadelta takes the steps that TensorFlow's AdadeltaOptimizer takes") {
  check_golden("AdadeltaOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<Adadelta>(AdadeltaOptions{.learning_rate = argument(a, "learning_rate", 0.001),
                                                      .rho = argument(a, "rho", 0.95),
                                                      .epsilon = argument(a, "epsilon", 1e-8)});
  });
}

TEST_CASE("Adadelta works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<Adadelta>(AdadeltaOptions{.learning_rate = 1}); });
}

TEST_CASE("Adadelta reaches the minimum of a convex quadratic") {
  Adadelta adadelta({.learning_rate = 1, .rho = 0.9, .epsilon = 1e-4});
  CHECK(error_after(adadelta, 2000) < 1e-3);
}

TEST_CASE("Adadelta's first step is the root of epsilon against the gradient's sign") {
  Adadelta adadelta({.learning_rate = 1, .rho = 0.75, .epsilon = 1e-4});
  Variable x(Tensor{1.0, 1.0}, "x");
  adadelta.apply_gradients({{Tensor{1e6, -4e6}, x}});
  CHECK(allclose(x, Tensor{0.98, 1.02}, 1e-9, 0));
  CHECK(allclose(adadelta.slot(x, "accum"), Tensor{2.5e11, 4e12}, 1e-15, 0));
  CHECK(allclose(adadelta.slot(x, "accum_update"), Tensor{1e-4, 1e-4}, 1e-9, 0));
}

TEST_CASE("Adadelta refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(Adadelta({.rho = 1}), "Adadelta: rho is 1, expected a number in [0, 1)", ValueError);
  CHECK_THROWS_WITH_AS(Adadelta({.epsilon = NAN}), doctest::Contains("epsilon is nan"), ValueError);
}
