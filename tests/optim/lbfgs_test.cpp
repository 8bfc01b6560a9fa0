#include "unroll/optim/lbfgs.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

TEST_CASE("LBFGS reaches the minimum of Rosenbrock's valley") {
  Variable x(Tensor(-1.2), "x"), y(Tensor(1.0), "y");
  LBFGSResult result = LBFGS().minimize({x, y}, [&] { return square(1.0 - x) + 100.0 * square(y - square(x)); });
  CHECK(result.converged);
  CHECK(result.loss < 1e-12);
  CHECK(result.iterations < 60);
  CHECK(allclose(x, Tensor(1.0), 1e-5, 0));
  CHECK(allclose(y, Tensor(1.0), 1e-5, 0));
}

TEST_CASE("LBFGS minimises a quadratic of badly scaled variables of two dtypes") {
  Variable x(numbers({3, 5}, 1), "x"), y(numbers({4}, 2, float32), "y");
  const Tensor target = numbers({3, 5}, 3), scale = square(numbers({3, 5}, 5)) * 50.0 + 0.01;
  LBFGSResult result = LBFGS().minimize(
      {x, y}, [&] { return reduce_sum(scale * square(x - target)) + Tensor(reduce_sum(square(y - 1.f)), float64); });
  CHECK(result.converged);
  CHECK(difference(x, target) < 1e-4);
  CHECK(result.evaluations >= result.iterations);
}

TEST_CASE("LBFGS keeps the best point when it has to stop early") {
  Variable x(Tensor(-1.2), "x"), y(Tensor(1.0), "y");
  auto loss = [&] { return square(1.0 - x) + 100.0 * square(y - square(x)); };
  LBFGSResult few = LBFGS({.max_iterations = 3}).minimize({x, y}, loss);
  CHECK(few.iterations == 3);
  CHECK_FALSE(few.converged);
  CHECK(few.loss < 24.2);
  CHECK(loss().item<double>() == few.loss);
  const double before = few.loss;
  LBFGSResult fewer = LBFGS({.max_evaluations = 2}).minimize({x, y}, loss);
  CHECK(fewer.evaluations == 2);
  CHECK(fewer.loss <= before);
}

TEST_CASE("LBFGS says what it cannot minimise") {
  Variable x(Tensor{1.0, 2.0}, "x"), count(Tensor{1}, "count");
  CHECK_THROWS_WITH_AS(LBFGS().minimize({}, [&] { return x.value(); }), doctest::Contains("no variables"), ValueError);
  CHECK_THROWS_WITH_AS(LBFGS().minimize({x}, [&] { return x * 1.0; }), doctest::Contains("the loss has shape (2,)"),
                       ValueError);
  CHECK_THROWS_WITH_AS(LBFGS().minimize({x}, [&] { return reduce_sum(log(x - 5.0)); }),
                       doctest::Contains("the loss is"), ValueError);
  CHECK_THROWS_AS(LBFGS().minimize({count}, [&] { return reduce_sum(x); }), TypeError);
  CHECK_THROWS_AS(LBFGS({.history = 0}), ValueError);
  CHECK_THROWS_AS(LBFGS({.gradient_tolerance = -1}), ValueError);
}
