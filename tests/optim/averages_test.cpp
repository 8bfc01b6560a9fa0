#include <doctest/doctest.h>

#include "unroll/optim/exponential_moving_average.hpp"
#include "unroll/optim/stochastic_weight_averaging.hpp"

using namespace unroll;

TEST_CASE("a moving average starts at the variable's value and follows it") {
  Variable x(Tensor{8.0, 0.0}, "x"), y(Tensor{1.f}, "y");
  ExponentialMovingAverage ema(0.75);
  ema.build({x, y});
  CHECK(array_equal(ema.average(x), Tensor{8.0, 0.0}));
  x.assign(Tensor{0.0, 4.0});
  ema.apply({x, y});
  CHECK(array_equal(ema.average(x), Tensor{6.0, 1.0}));
  CHECK(array_equal(ema.average(y), Tensor{1.f}));
  CHECK(ema.average(x).name() == "x/ExponentialMovingAverage");
  CHECK_FALSE(ema.average(x).trainable());
  ema.apply({x}, 0);  // a decay of 1 / 10
  CHECK(allclose(ema.average(x), Tensor{0.6, 3.7}, 1e-14, 0));
}

TEST_CASE("averages change places with the variables, and back") {
  Variable x(Tensor{8.0}, "x"), y(Tensor{2.0}, "y");
  ExponentialMovingAverage ema(0.5);
  ema.build({x});
  x.assign(Tensor{4.0});
  CHECK_THROWS_WITH_AS(ema.swap({x, y}), doctest::Contains("no average of \"y\""), LookupError);
  CHECK(array_equal(x, Tensor{4.0}));
  ema.swap({x});
  CHECK(array_equal(x, Tensor{8.0}));
  CHECK(array_equal(ema.average(x), Tensor{4.0}));
  ema.swap({x});
  CHECK(array_equal(x, Tensor{4.0}));
}

TEST_CASE("the moving average of a tensor starts at 0, corrected if asked") {
  ExponentialMovingAverage plain(0.75), corrected(0.75, {.zero_debias = true});
  CHECK(array_equal(plain.apply("loss", Tensor(4.0)), Tensor(1.0)));
  CHECK(array_equal(corrected.apply("loss", Tensor(4.0)), Tensor(4.0)));
  CHECK(allclose(corrected.apply("loss", Tensor(0.0)), Tensor(0.75 / (1 - 0.5625)), 1e-15, 0));
  CHECK(corrected.variables().size() == 3);
  CHECK(corrected.variables()[1].name() == "loss/ExponentialMovingAverage/biased");
  CHECK_THROWS_AS(plain.apply("loss", Tensor{1.0, 2.0}), ValueError);
  CHECK_THROWS_AS(plain.apply("count", Tensor(1)), TypeError);
}

TEST_CASE("stochastic weight averaging keeps the mean of all updates") {
  Variable x(Tensor{8.0}, "x"), y(Tensor{1.f}, "y"), late(Tensor{1.0}, "late");
  StochasticWeightAveraging swa;
  for (double value : {8.0, 2.0, 5.0}) {
    x.assign(Tensor{value});
    swa.update({x, y});
  }
  CHECK(swa.count() == 3);
  CHECK(allclose(swa.average(x), Tensor{5.0}, 1e-15, 0));
  CHECK(swa.variables().size() == 3);
  CHECK_THROWS_WITH_AS(swa.update({x, late}), doctest::Contains("late was not there"), ValueError);
  CHECK(swa.count() == 3);
}

TEST_CASE("averages refuse what they cannot hold") {
  CHECK_THROWS_WITH_AS(ExponentialMovingAverage(1.5), doctest::Contains("decay is 1.5"), ValueError);
  Variable count(Tensor{1}, "count");
  ExponentialMovingAverage ema(0.5);
  CHECK_THROWS_AS(ema.apply({count}), TypeError);
  StochasticWeightAveraging swa;
  CHECK_THROWS_AS(swa.update({count}), TypeError);
}
