#include "unroll/optim/weight_decay.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("a penalty is added to the gradients of the variables that the filter names") {
  Variable x(Tensor{4.0}, "x"), y(Tensor{4.f}, "y"), z(Tensor{4.0}, "z");
  GradientsAndVariables gradients{{Tensor{1.0}, x}, {Tensor{1.f}, y}, {Tensor(), z}};
  const Tensor kept = gradients[0].first;
  add_weight_decay(gradients, {.rate = 0.5, .filter = [](const std::string& name) { return name != "y"; }});
  CHECK(array_equal(gradients[0].first, Tensor{3.0}));
  CHECK(array_equal(gradients[1].first, Tensor{1.f}));
  CHECK_FALSE(gradients[2].first.defined());
  CHECK(array_equal(kept, Tensor{1.0}));
  CHECK_THROWS_WITH_AS(add_weight_decay(gradients, {.rate = -1}), doctest::Contains("rate is -1"), ValueError);
}
