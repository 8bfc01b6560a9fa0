#include "unroll/optim/gradient_accumulator.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("gradients of several batches give their mean; a missing one counts as 0") {
  Variable x(Tensor{1.0, 2.0}, "x"), y(Tensor{1.f}, "y"), z(Tensor{1.0}, "z");
  GradientAccumulator accumulator(2);
  const Tensor first{2.0, 4.0};
  CHECK_FALSE(accumulator.add({{first, x}, {Tensor(), y}, {Tensor(), z}}));
  CHECK(accumulator.count() == 1);
  CHECK(accumulator.add({{Tensor{6.0, 6.0}, x}, {Tensor{8.f}, y}, {Tensor(), z}}));
  auto means = accumulator.take();
  REQUIRE(means.size() == 3);
  CHECK(array_equal(means[0].first, Tensor{4.0, 5.0}));
  CHECK(array_equal(means[1].first, Tensor{4.f}));
  CHECK_FALSE(means[2].first.defined());
  CHECK(means[1].second == y);
  CHECK(array_equal(first, Tensor{2.0, 4.0}));
  CHECK(accumulator.count() == 0);
  CHECK_FALSE(accumulator.add({{Tensor{1.0}, z}}));
  CHECK(array_equal(accumulator.take()[0].first, Tensor{1.0}));
}

TEST_CASE("the accumulator says what does not fit, and keeps its sums") {
  Variable x(Tensor{1.0}, "x"), y(Tensor{1.0}, "y");
  GradientAccumulator accumulator(5);
  CHECK_THROWS_AS(accumulator.take(), RuntimeError);
  accumulator.add({{Tensor{1.0}, x}});
  CHECK_THROWS_WITH_AS(accumulator.add({{Tensor{1.0}, y}}), doctest::Contains("variable 0 is y, was x before"),
                       ValueError);
  CHECK_THROWS_WITH_AS(accumulator.add({}), doctest::Contains("0 gradients given, expected 1"), ValueError);
  CHECK_THROWS_AS(accumulator.add({{Tensor{1.f}, x}}), TypeError);
  CHECK_THROWS_AS(accumulator.add({{Tensor{1.0, 2.0}, x}}), ValueError);
  CHECK(array_equal(accumulator.take()[0].first, Tensor{1.0}));
  CHECK_THROWS_WITH_AS(GradientAccumulator(0), doctest::Contains("batches is 0"), ValueError);
}
