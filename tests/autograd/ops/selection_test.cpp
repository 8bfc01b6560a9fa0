#include "unroll/autograd/ops/selection.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/derivatives.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/math.hpp"

using namespace unroll;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), NaN = std::numeric_limits<double>::quiet_NaN();
const Tensor a{{1.5, -2.0, 0.25}, {3.0, 0.5, -1.25}};
const Tensor others[] = {Tensor(0.75), Tensor{1.0, 2.0, -3.0}, Tensor{{0.1}, {-4.0}},
                         Tensor{{{1.0}, {2.0}}, {{3.0}, {-1.5}}}};

std::vector<Tensor> gradients(Tensor (*op)(const Tensor&, const Tensor&), const Tensor& x, const Tensor& y) {
  GradientTape tape;
  tape.watch(x);
  tape.watch(y);
  return tape.gradient(op(x, y), std::vector<Tensor>{x, y});
}

}  // namespace

TEST_CASE("maximum and minimum choose element by element, for all numbers") {
  CHECK(array_equal(maximum(a, others[1]), Tensor{{1.5, 2.0, 0.25}, {3.0, 2.0, -1.25}}));
  CHECK(array_equal(minimum(a, others[1]), Tensor{{1.0, -2.0, -3.0}, {1.0, 0.5, -3.0}}));
  CHECK(array_equal(maximum(Tensor{3, -4}, Tensor(0)), Tensor{3, 0}));
  CHECK(array_equal(minimum(cast(a, float32), Tensor(1.f)), Tensor{{1.f, -2.f, 0.25f}, {1.f, 0.5f, -1.25f}}));
  CHECK_THROWS_WITH_AS(maximum(Tensor{true}, Tensor{true}), "maximum: expected numbers, got bool", TypeError);
  CHECK_THROWS_AS(minimum(a, Tensor(1.f)), TypeError);
  CHECK_THROWS_AS(minimum(a, Tensor{1.0, 2.0}), ValueError);
}

TEST_CASE("maximum and minimum are NaN if either is") {
  for (auto op : {maximum, minimum}) {
    Tensor y = op(Tensor{NaN, 1.0, NaN, inf}, Tensor{1.0, NaN, NaN, -inf});
    for (Index k = 0; k < 3; ++k) CHECK(std::isnan(y.data<double>()[k]));
    CHECK_FALSE(std::isnan(y.data<double>()[3]));
  }
}

TEST_CASE("maximum and minimum have the gradients of differences, broadcast") {
  for (auto op : {maximum, minimum})
    for (const Tensor& b : others) {
      auto forwards = check_gradients([&](const std::vector<Tensor>& x) { return op(x[0], x[1]); }, {a, b});
      CHECK_MESSAGE(forwards, forwards.to_string());
      auto backwards = check_gradients([&](const std::vector<Tensor>& x) { return op(x[1], x[0]); }, {a, b});
      CHECK_MESSAGE(backwards, backwards.to_string());
      check_derivatives([&](const Tensor& x) { return square(op(x, b)); }, a);
    }
}

TEST_CASE("on ties the whole gradient goes to the first argument") {
  Tensor x{1.0, 2.0, 3.0}, y{1.0, 3.0, 2.0};
  auto larger = gradients(maximum, x, y), smaller = gradients(minimum, x, y);
  CHECK(array_equal(larger[0], Tensor{1.0, 0.0, 1.0}));
  CHECK(array_equal(larger[1], Tensor{0.0, 1.0, 0.0}));
  CHECK(array_equal(smaller[0], Tensor{1.0, 1.0, 0.0}));
  CHECK(array_equal(smaller[1], Tensor{0.0, 0.0, 1.0}));
}

TEST_CASE("values are clipped to bounds, and NaN stays NaN") {
  Tensor y = clip_by_value(Tensor{-inf, -1.5, -1.0, 0.25, 1.0, 2.0, inf, NaN}, -1, 1);
  CHECK(array_equal(y.rows_view(0, 7), Tensor{-1.0, -1.0, -1.0, 0.25, 1.0, 1.0, 1.0}));
  CHECK(std::isnan(y.at<double>({7})));
  CHECK(array_equal(clip_by_value(Tensor{-0.5f, 3.f}, 0, inf), Tensor{0.f, 3.f}));
  CHECK(array_equal(clip_by_value(Tensor{-5, 0, 7}, -2, 3), Tensor{-2, 0, 3}));
  CHECK(array_equal(clip_by_value(a, 0, 0), Tensor{{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}}));
  CHECK(array_equal(clip_by_value(Tensor{-5.0, 5.0}, 2, 1), Tensor{2.0, 2.0}));
  CHECK(array_equal(clip_by_value(Tensor{-5.0, 5.0}, Tensor(2.0), Tensor(1.0)), Tensor{2.0, 2.0}));
}

TEST_CASE("the gradient of a clipped value is 1 inside, bounds included, and 0 outside") {
  Tensor x{-1.5, -1.0, 0.25, 1.0, 2.0, NaN}, expected{0.0, 1.0, 1.0, 1.0, 0.0, 0.0};
  CHECK(array_equal(derivative([](const Tensor& in) { return clip_by_value(in, -1, 1); }, x), expected));
  CHECK(array_equal(derivative([](const Tensor& in) { return clip_by_value(in, Tensor(-1.0), Tensor(1.0)); }, x),
                    expected));
  check_derivatives([](const Tensor& in) { return square(clip_by_value(in, -1.75, 1)); }, a);
}

TEST_CASE("bounds that are tensors broadcast to x and get the gradient where they replace it") {
  Tensor low{-1.0, -0.5, 0.0}, high{{1.0}, {2.0}};
  CHECK(array_equal(clip_by_value(a, low, high), Tensor{{1.0, -0.5, 0.25}, {2.0, 0.5, 0.0}}));
  auto check =
      check_gradients([](const std::vector<Tensor>& x) { return clip_by_value(x[0], x[1], x[2]); }, {a, low, high});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("clip_by_value refuses bounds that do not fit") {
  CHECK_THROWS_WITH_AS(clip_by_value(Tensor{1.0, 2.0}, Tensor(0.0), Tensor{{1.0, 2.0}}),
                       "clip_by_value: a bound has shape (1, 2), which does not broadcast to that of x, (2,)",
                       ValueError);
  CHECK_THROWS_WITH_AS(clip_by_value(a, Tensor(0.f), Tensor(1.f)),
                       "clip_by_value: a bound is float32, expected the dtype of x, float64", TypeError);
  CHECK_THROWS_AS(clip_by_value(a, NaN, 1), ValueError);
  CHECK_THROWS_AS(clip_by_value(Tensor{1, 2}, 0.5, 1), TypeError);
  CHECK_THROWS_AS(clip_by_value(Tensor{true}, 0, 1), TypeError);
  CHECK_THROWS_AS(clip_by_value(Tensor(), 0, 1), ValueError);
}

TEST_CASE("where chooses by a condition, for all dtypes") {
  Tensor condition{{true, false, true}, {false, false, true}};
  CHECK(array_equal(where(condition, a, Tensor(9.0)), Tensor{{1.5, 9.0, 0.25}, {9.0, 9.0, -1.25}}));
  CHECK(array_equal(where(Tensor{true, false}, Tensor{1, 2}, Tensor{3, 4}), Tensor{1, 4}));
  CHECK(array_equal(where(Tensor{true, false}, Tensor{false, false}, Tensor(true)), Tensor{false, true}));
  CHECK(array_equal(where(Tensor{true, false}, Tensor(1.f), Tensor(2.f)), Tensor{1.f, 2.f}));
  CHECK(array_equal(where(Tensor(false), a, -a), -a));
  CHECK(
      array_equal(where(Tensor{{true}, {false}}, Tensor{1.0, 2.0}, Tensor{3.0, 4.0}), Tensor{{1.0, 2.0}, {3.0, 4.0}}));
  CHECK(where(Tensor(TensorSpec{{0, 1}, bool_}), a.rows_view(0, 1), Tensor(1.0)).shape() == Shape{0, 3});
}

TEST_CASE("where broadcasts all three, forward and backward") {
  const Tensor conditions[] = {Tensor(true), Tensor{true, false, true}, Tensor{{false}, {true}},
                               Tensor{{{true}, {false}}, {{true}, {true}}}};
  for (const Tensor& condition : conditions)
    for (const Tensor& b : others) {
      auto check = check_gradients(
          [&](const std::vector<Tensor>& x) {
            return Nest::tuple({where(condition, x[0], x[1]), where(condition, x[1], x[0])});
          },
          {a, b});
      CHECK_MESSAGE(check, check.to_string());
      check_derivatives([&](const Tensor& x) { return where(condition, square(x), b * x); }, a);
    }
}

TEST_CASE("no gradient reaches the branch that was not taken, whatever is there") {
  Variable x(Tensor{-1.0, 4.0, 0.0}, "x"), y(Tensor{NaN, inf, NaN}, "y");
  GradientTape tape;
  Tensor chosen = where(Tensor{true, true, true}, x, y);
  auto g = tape.gradient(chosen * chosen, std::vector<Variable>{x, y});
  CHECK(array_equal(g[0], Tensor{-2.0, 8.0, 0.0}));
  CHECK(bit_equal(g[1], Tensor{0.0, 0.0, 0.0}));
}

TEST_CASE("where refuses conditions, dtypes and shapes that do not fit") {
  CHECK_THROWS_WITH_AS(where(Tensor{1, 0}, Tensor{1.0}, Tensor{2.0}), "where: the condition is int32, expected bool",
                       TypeError);
  CHECK_THROWS_WITH_AS(where(Tensor{true}, Tensor{1.0}, Tensor{2.f}),
                       "where: both branches must have one dtype, got float64 and float32", TypeError);
  CHECK_THROWS_AS(where(Tensor{true, false}, a, a), ValueError);
  CHECK_THROWS_AS(where(Tensor(), a, a), ValueError);
}
