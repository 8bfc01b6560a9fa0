#include "unroll/autograd/ops/softmax.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
using Function = Tensor (*)(const Tensor&, int);
const Function both[] = {softmax, log_softmax};
}  // namespace

TEST_CASE("softmax and log_softmax equal the composition of small ops, along any axis") {
  Tensor x = numbers({2, 3, 4}, 1);
  for (int axis : {0, 1, 2, -1, -3}) {
    Tensor e = exp(x), p = e / reduce_sum(e, {axis}, true);
    CHECK(difference(softmax(x, axis), p) < 1e-15);
    CHECK(difference(log_softmax(x, axis), log(p)) < 1e-14);
    CHECK(difference(softmax(Tensor(x, float32), axis), Tensor(p, float32)) < 1e-6);
  }
}

TEST_CASE("softmax of logits of any size") {
  Tensor x{{1e4, 1e4 - 1, -1e4}};
  CHECK(difference(softmax(x), softmax(x - 1e4)) < 1e-12);
  CHECK(difference(log_softmax(Tensor{0.f, -200.f}), Tensor{0.f, -200.f}) < 1e-7);
  CHECK(softmax(zeros({2, 0})).shape() == Shape{2, 0});
  CHECK(log_softmax(zeros({0, 3})).shape() == Shape{0, 3});
  CHECK(array_equal(softmax(Tensor{{3.0}, {-1.0}}), ones({2, 1}, float64)));
}

TEST_CASE("softmax and log_softmax have the right gradients, first and second") {
  Tensor x = numbers({2, 3, 2}, 1);
  for (Function f : both)
    for (int axis : {1, -1}) {
      auto first = check_gradients([&](const std::vector<Tensor>& in) { return f(in[0], axis); }, {x});
      CHECK_MESSAGE(first, first.to_string());
      auto second = check_gradients(
          [&](const std::vector<Tensor>& in) {
            GradientTape tape;
            tape.watch(in[0]);
            Tensor y = f(in[0], axis);
            return tape.gradient(y * y, in[0]);
          },
          {x});
      CHECK_MESSAGE(second, second.to_string());
    }
}

TEST_CASE("softmax refuses axes and dtypes that do not fit") {
  for (Function f : both) {
    CHECK_THROWS_AS(f(zeros({2, 3}), 2), IndexError);
    CHECK_THROWS_AS(f(zeros({}), -1), IndexError);
    CHECK_THROWS_AS(f(zeros({2}, int32), -1), TypeError);
    CHECK_THROWS_AS(f(Tensor(), -1), ValueError);
  }
  CHECK_THROWS_WITH_AS(softmax(zeros({2}, int64)), "softmax: expected float32 or float64, got int64", TypeError);
}
