#include "unroll/autograd/ops/dropout.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"

using namespace unroll;

namespace {

Tensor sample(const Shape& shape, DType dtype = float64) {
  return random_uniform(shape, {.minval = 0.5, .maxval = 2, .seed = 11}, dtype);
}

}  // namespace

TEST_CASE("dropout zeroes a share of the elements and scales the rest") {
  const Tensor x = sample({200, 500});
  for (double rate : {0.1, 0.5, 0.83}) {
    Tensor y = dropout(x, rate, {.seed = 1});
    Index dropped = 0;
    for (Index i = 0; i < x.size(); ++i) {
      double got = y.data<double>()[i];
      if (got == 0)
        ++dropped;
      else
        CHECK(got == doctest::Approx(x.data<double>()[i] / (1 - rate)).epsilon(1e-14));
    }
    // Five standard deviations of the count.
    double n = static_cast<double>(x.size());
    CHECK(std::abs(static_cast<double>(dropped) - rate * n) < 5 * std::sqrt(rate * (1 - rate) * n));
  }
}

TEST_CASE("dropout's mask is chosen by seed, stream and position alone") {
  const Tensor x = sample({7, 13});
  Tensor y = dropout(x, 0.4, {.seed = 2, .stream = 5});
  CHECK(bit_equal(y, dropout(x, 0.4, {.seed = 2, .stream = 5})));
  CHECK_FALSE(bit_equal(y, dropout(x, 0.4, {.seed = 2, .stream = 6})));
  CHECK_FALSE(bit_equal(y, dropout(x, 0.4, {.seed = 3, .stream = 5})));
  for (Index row = 0; row < 7; ++row) {
    Tensor part = dropout(x.rows_view(row, row + 1), 0.4,
                          {.seed = 2, .stream = 5, .offset = static_cast<std::uint64_t>(13 * row)});
    CHECK(bit_equal(part, y.rows_view(row, row + 1)));
  }
  Tensor single = dropout(Tensor(x, float32), 0.4, {.seed = 2, .stream = 5});
  CHECK(allclose(single, y, 1e-6));
}

TEST_CASE("dropout without a seed takes the next stream of the global generator") {
  const Tensor x = sample({40});
  set_random_seed(9);
  Tensor first = dropout(x, 0.5), second = dropout(x, 0.5);
  CHECK_FALSE(bit_equal(first, second));
  CHECK(bit_equal(first, dropout(x, 0.5, {.seed = 9, .stream = 0})));
  CHECK(bit_equal(second, dropout(x, 0.5, {.seed = 9, .stream = 1})));
  CHECK_THROWS_WITH_AS(dropout(x, 0.5, {.stream = 1}), "dropout: stream and offset need a seed, none is given",
                       ValueError);
}

TEST_CASE("dropout's noise shape drops along its dimensions of 1 together") {
  const Tensor x = sample({4, 6, 5});
  const Shape shapes[] = {{4, 1, 5}, {4, 6, 1}, {1, 6, 1}, {6, 5}, {1}, {}};
  for (const Shape& noise : shapes) {
    CAPTURE(noise);
    // A mask is the dropout of ones of the noise shape.
    Tensor mask = dropout(ones(noise, float64), 0.5, {.seed = 21});
    CHECK(bit_equal(dropout(x, 0.5, {.seed = 21, .noise_shape = noise}), x * mask));
  }
}

TEST_CASE("dropout gives 0 where NaN and infinity are dropped") {
  Tensor kept = dropout(ones({64}, float64), 0.5, {.seed = 3});
  Tensor y = dropout(full({64}, NAN, float64), 0.5, {.seed = 3});
  for (Index i = 0; i < 64; ++i) CHECK(std::isnan(y.at<double>({i})) == (kept.at<double>({i}) != 0));
  CHECK(std::isinf(dropout(full({64}, INFINITY, float64), 0.5, {.seed = 3}).at<double>({0})) ==
        (kept.at<double>({0}) != 0));
}

TEST_CASE("the gradient of dropout passes through the same mask, and can be differentiated again") {
  const Tensor x = sample({5, 4});
  const std::optional<Shape> shapes[] = {{}, Shape{5, 1}};
  for (const auto& noise : shapes) {
    DropoutOptions options{.seed = 8, .noise_shape = noise};
    auto check = check_gradients([&](const std::vector<Tensor>& in) { return dropout(in[0], 0.3, options); }, {x});
    CHECK_MESSAGE(check, check.to_string());
    auto second = check_gradients(
        [&](const std::vector<Tensor>& in) {
          GradientTape tape;
          tape.watch(in[0]);
          Tensor y = dropout(in[0] * in[0] * in[0], 0.3, options);
          return tape.gradient(y, in[0]);
        },
        {x});
    CHECK_MESSAGE(second, second.to_string());
  }
}

TEST_CASE("dropout at rate 0 returns its input") {
  const Tensor x = sample({3, 2});
  CHECK(dropout(x, 0).is_same(x));
  CHECK(dropout(zeros({0, 3}), 0.5).shape() == Shape{0, 3});
}

TEST_CASE("dropout refuses rates outside [0, 1), integers and masks that do not fit") {
  const Tensor x = sample({3, 2});
  for (double rate : {-0.1, 1.0, 1.5, double{NAN}})
    CHECK_THROWS_WITH_AS(dropout(x, rate), doctest::Contains("expected 0 <= rate < 1"), ValueError);
  CHECK_THROWS_WITH_AS(dropout(Tensor{1, 2}, 0.5), "dropout: expected float32 or float64, got int32", TypeError);
  CHECK_THROWS_AS(dropout(Tensor{1, 2}, 0), TypeError);
  CHECK_THROWS_WITH_AS(dropout(x, 0.5, {.noise_shape = Shape{3, 3}}),
                       "dropout: noise_shape (3, 3) cannot be broadcast to the shape of x, (3, 2)", ValueError);
  CHECK_THROWS_AS(dropout(x, 0.5, {.noise_shape = Shape{1, 3, 2}}), ValueError);
  CHECK_THROWS_AS(dropout(Tensor(), 0.5), ValueError);
}
