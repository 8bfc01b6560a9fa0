#include "unroll/autograd/ops/statistics.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
}

TEST_CASE("moments are the mean and the biased variance") {
  Tensor x{{1.0, 2.0, 6.0}, {-1.0, 4.0, 0.0}};
  auto [mean, variance] = moments(x, {1});
  CHECK(difference(mean, Tensor{3.0, 1.0}) < 1e-15);
  CHECK(difference(variance, Tensor{14.0 / 3, 14.0 / 3}) < 1e-15);
  auto all = moments(x, {}, true);
  CHECK(all.mean.shape() == Shape{1, 1});
  CHECK(difference(all.variance, Tensor{{17.0 / 3}}) < 1e-15);
  auto check = check_gradients(
      [](const std::vector<Tensor>& in) {
        auto m = moments(in[0], {0, -1});
        return Nest::tuple({m.mean, m.variance});
      },
      {numbers({2, 3, 2}, 1)});
  CHECK_MESSAGE(check, check.to_string());
  CHECK_THROWS_AS(moments(zeros({2}, int32)), TypeError);
  CHECK_THROWS_AS(moments(zeros({2}), {1}), IndexError);
}

TEST_CASE("norms of all elements and along axes") {
  Tensor x{{3.0, -4.0}, {-6.0, 2.5}};
  CHECK(difference(norm(x, 2, {1}), Tensor{5.0, 6.5}) < 1e-15);
  CHECK(array_equal(norm(x, 1, {0}, true), Tensor{{9.0, 6.5}}));
  CHECK(array_equal(norm(x, inf), Tensor(6.0)));
  CHECK(norm(zeros({0})).item<float>() == 0);
  for (double ord : {1.0, 2.0, inf}) {
    auto check = check_gradients([&](const std::vector<Tensor>& in) { return norm(in[0], ord, {-1}); }, {x});
    CHECK_MESSAGE(check, check.to_string());
  }
  CHECK_THROWS_WITH_AS(norm(x, 3), "norm: ord is 3, expected 1, 2 or infinity", ValueError);
  CHECK_THROWS_AS(norm(zeros({0}), inf), ValueError);
  CHECK_THROWS_AS(norm(zeros({2}, int32)), TypeError);
}

TEST_CASE("the gradient of a norm of 0 is 0") {
  for (double ord : {1.0, 2.0, inf}) {
    GradientTape tape;
    Tensor x{{0.0, 0.0}, {3.0, 0.0}};
    tape.watch(x);
    CHECK(array_equal(tape.gradient(norm(x, ord, {1}), x), Tensor{{0.0, 0.0}, {1.0, 0.0}}));
  }
}
