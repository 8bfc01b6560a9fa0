#include "unroll/optim/learning_rate.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

#include "unroll/optim/gradient_descent.hpp"

TEST_CASE("an optimiser takes a number or a schedule of the steps it has taken") {
  GradientDescent descent({.learning_rate = [](std::int64_t step) { return step == 0 ? 0.5 : 0.25; }});
  Variable x(Tensor{1.0}, "x");
  CHECK(descent.learning_rate() == 0.5);
  descent.apply_gradients({{Tensor{1.0}, x}});
  CHECK(descent.learning_rate() == 0.25);
  descent.apply_gradients({{Tensor{1.0}, x}});
  CHECK(array_equal(x, Tensor{0.25}));
  descent.set_learning_rate(2);
  CHECK(descent.learning_rate() == 2);
  descent.set_iterations(0);
  CHECK(descent.learning_rate() == 2);
}

TEST_CASE("a schedule that gives an impossible rate is refused before anything changes") {
  GradientDescent descent({.learning_rate = [](std::int64_t step) { return 1.0 - static_cast<double>(step); }});
  Variable x(Tensor{1.0}, "x");
  descent.set_iterations(2);
  CHECK_THROWS_WITH_AS(descent.apply_gradients({{Tensor{1.0}, x}}), doctest::Contains("learning_rate is -1"),
                       ValueError);
  CHECK(array_equal(x, Tensor{1.0}));
  descent.set_iterations(1);
  CHECK_THROWS_AS(descent.set_learning_rate(NAN), ValueError);
  CHECK(descent.learning_rate() == 0);
}

TEST_CASE("weights decay in any optimiser, by the filter's names, before the step") {
  GradientDescent descent({.learning_rate = 0.5});
  descent.set_weight_decay({.rate = 0.5, .filter = [](const std::string& name) { return name == "x"; }});
  Variable x(Tensor{4.0}, "x"), y(Tensor{4.f}, "y");
  descent.apply_gradients({{Tensor{1.0}, x}, {Tensor{1.f}, y}});
  CHECK(array_equal(x, Tensor{2.5}));
  CHECK(array_equal(y, Tensor{3.5f}));
  CHECK_THROWS_WITH_AS(descent.set_weight_decay({.rate = -1}), doctest::Contains("weight_decay is -1"), ValueError);
}

TEST_CASE("gradients that are not finite are applied, skipped and counted, or refused") {
  for (double bad : {INFINITY, -INFINITY, NAN}) {
    GradientDescent descent({.learning_rate = 0.5});
    Variable x(Tensor{4.0}, "x"), y(Tensor{4.f}, "y");
    const GradientsAndVariables gradients{{Tensor{1.0}, x}, {Tensor({bad}, float32), y}};
    descent.set_non_finite(NonFinite::skip);
    descent.apply_gradients(gradients);
    CHECK(descent.skipped_steps() == 1);
    CHECK(descent.iterations() == 0);
    descent.set_non_finite(NonFinite::raise);
    CHECK_THROWS_WITH_AS(descent.apply_gradients(gradients), doctest::Contains("gradient of step 1 holds"),
                         InvalidArgumentError);
    CHECK(array_equal(x, Tensor{4.0}));
    descent.apply_gradients({{Tensor{1.0}, x}});
    descent.set_non_finite(NonFinite::apply);
    descent.apply_gradients(gradients);
    CHECK(array_equal(x, Tensor{3.0}));
    CHECK_FALSE(std::isfinite(y.value().item<double>()));
    CHECK(descent.iterations() == 2);
  }
}
