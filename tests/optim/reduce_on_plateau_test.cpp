#include "unroll/optim/reduce_on_plateau.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

#include "unroll/optim/gradient_descent.hpp"

TEST_CASE("the learning rate falls when the metric has not, and not again before the cooldown is over") {
  GradientDescent descent({.learning_rate = 8});
  ReduceOnPlateau plateau({.factor = 0.5, .patience = 2, .min_delta = 0.125, .cooldown = 2, .min_learning_rate = 3});
  CHECK_FALSE(plateau.update(1, descent));
  CHECK_FALSE(plateau.update(0.5, descent));
  CHECK_FALSE(plateau.update(0.4375, descent));  // better by too little
  CHECK(plateau.update(NAN, descent));
  CHECK(descent.learning_rate() == 4);
  CHECK_FALSE(plateau.update(1, descent));
  CHECK_FALSE(plateau.update(1, descent));
  CHECK(plateau.update(1, descent));
  CHECK(descent.learning_rate() == 3);
  for (int k = 0; k < 9; ++k) CHECK_FALSE(plateau.update(1, descent));
}

TEST_CASE("a plateau whose state was saved goes on as if nothing had happened") {
  GradientDescent descent({.learning_rate = 8});
  ReduceOnPlateau plateau({.patience = 3}), restored({.patience = 3});
  plateau.update(1, descent);
  plateau.update(1, descent);
  plateau.update(1, descent);
  restored.set_state(plateau.state());
  CHECK(restored.update(1, descent));
}

TEST_CASE("a plateau refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(ReduceOnPlateau({.factor = 1}), doctest::Contains("factor is 1"), ValueError);
  CHECK_THROWS_WITH_AS(ReduceOnPlateau({.patience = -1}), doctest::Contains("patience is -1"), ValueError);
  CHECK_THROWS_AS(ReduceOnPlateau({.min_delta = -1}), ValueError);
  CHECK_THROWS_AS(ReduceOnPlateau({.cooldown = -1}), ValueError);
  CHECK_THROWS_AS(ReduceOnPlateau({.min_learning_rate = -1}), ValueError);
}
