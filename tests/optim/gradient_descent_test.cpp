#include "unroll/optim/gradient_descent.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("GradientDescent takes the steps that TensorFlow's GradientDescentOptimizer takes") {
  check_golden("GradientDescentOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<GradientDescent>(
        GradientDescentOptions{.learning_rate = argument(a, "learning_rate", NAN)});
  });
}

TEST_CASE("GradientDescent works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<GradientDescent>(GradientDescentOptions{.learning_rate = 0.07}); });
}

TEST_CASE("GradientDescent reaches the minimum of a convex quadratic") {
  GradientDescent descent({.learning_rate = 0.1});
  CHECK(error_after(descent, 400) < 1e-5);
}

TEST_CASE("GradientDescent wants a learning rate that is finite and not negative") {
  CHECK_THROWS_WITH_AS(GradientDescent({.learning_rate = -0.5}),
                       "GradientDescent: learning_rate is -0.5, expected a finite number that is not negative",
                       ValueError);
  CHECK_THROWS_AS(GradientDescent({}), ValueError);
  CHECK_THROWS_AS(GradientDescent({.learning_rate = INFINITY}), ValueError);
  GradientDescent descent({.learning_rate = 0});
  CHECK_THROWS_AS(descent.set_learning_rate(-1), ValueError);
  descent.set_learning_rate(0.5);
  CHECK(descent.learning_rate() == 0.5);
}
