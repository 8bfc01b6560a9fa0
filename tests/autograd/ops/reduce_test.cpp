#include "unroll/autograd/ops/reduce.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

using Reduce = Tensor (*)(const Tensor&, IndexList, bool);
using Tensors = const std::vector<Tensor>&;
constexpr double inf = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();
const Reduce numeric[] = {reduce_sum, reduce_mean, reduce_prod, reduce_max, reduce_min, reduce_logsumexp};

// Element by element, in the order of x.
Tensor by_hand(const Tensor& x, std::uint32_t axes, bool keepdims, double start,
               const std::function<double(double, double)>& f) {
  std::vector<Index> dims, with_ones;
  for (int k = 0; k < x.rank(); ++k) {
    bool gone = axes >> k & 1;
    with_ones.push_back(gone ? 1 : x.shape(k));
    if (!gone) dims.push_back(x.shape(k));
  }
  Shape ones_kept{std::span<const Index>(with_ones)}, bare{std::span<const Index>(dims)};
  Tensor y = full(keepdims ? ones_kept : bare, start, float64);
  for (Index i = 0; i < x.size(); ++i) {
    Index rest = i, at = 0, step = 1;
    for (int k = x.rank() - 1; k >= 0; --k) {
      if (with_ones[k] != 1) at += rest % x.shape(k) * step;
      rest /= x.shape(k);
      step *= with_ones[k];
    }
    double& out = y.mutable_data<double>()[at];
    out = f(out, x.data<double>()[i]);
  }
  return y;
}

std::vector<Index> list(std::uint32_t axes) {
  std::vector<Index> result;
  for (int k = 0; k < 4; ++k)
    if (axes >> k & 1) result.push_back(k % 2 ? k : k - 4);
  return result;
}

}  // namespace

TEST_CASE("reductions over any axes agree with loops over all elements") {
  for (Shape shape : {Shape{2, 3, 4, 2}, Shape{1, 5, 1, 3}})
    for (std::uint32_t axes = 1; axes < 16; ++axes)
      for (bool keepdims : {false, true}) {
        Tensor x = numbers(shape, 3);
        auto over = list(axes);
        auto sum = by_hand(x, axes, keepdims, 0, std::plus<>());
        CHECK(difference(reduce_sum(x, over, keepdims), sum) < 1e-14);
        double count = static_cast<double>(x.size()) / static_cast<double>(sum.size());
        CHECK(difference(reduce_mean(x, over, keepdims), sum / count) < 1e-14);
        CHECK(array_equal(reduce_max(x, over, keepdims),
                          by_hand(x, axes, keepdims, -inf, [](double a, double b) { return std::max(a, b); })));
        CHECK(array_equal(reduce_min(x, over, keepdims),
                          by_hand(x, axes, keepdims, inf, [](double a, double b) { return std::min(a, b); })));
        CHECK(difference(reduce_prod(x, over, keepdims), by_hand(x, axes, keepdims, 1, std::multiplies<>())) < 1e-14);
        CHECK(difference(reduce_logsumexp(x, over, keepdims), log(reduce_sum(exp(x), over, keepdims))) < 1e-14);
        Tensor positive = greater(x, 0.2);
        auto as_bool = [](const Tensor& t) { return Tensor(t, bool_); };
        Tensor zero_one(positive, float64);
        CHECK(array_equal(reduce_all(positive, over, keepdims), as_bool(reduce_min(zero_one, over, keepdims))));
        CHECK(array_equal(reduce_any(positive, over, keepdims), as_bool(reduce_max(zero_one, over, keepdims))));
      }
}

TEST_CASE("without axes everything is reduced") {
  Tensor x{{1, -2}, {5, 3}};
  CHECK(array_equal(reduce_sum(x), Tensor(7)));
  CHECK(array_equal(reduce_prod(x), Tensor(-30)));
  CHECK(array_equal(reduce_max(x, {}, true), Tensor{{5}}));
  CHECK(array_equal(reduce_min(x, {1}), Tensor{-2, 3}));
  CHECK(array_equal(reduce_mean(Tensor{1.f, 2.f, 6.f}), Tensor(3.f)));
  CHECK(array_equal(reduce_sum(Tensor(2.5)), Tensor(2.5)));
  CHECK(array_equal(reduce_logsumexp(Tensor(2.5)), Tensor(2.5)));
  CHECK(array_equal(reduce_all(Tensor{true, false}), Tensor(false)));
  CHECK(array_equal(reduce_sum(Tensor{2147483647, 1}), Tensor(-2147483647 - 1)));
}

TEST_CASE("reductions of nothing") {
  Tensor none = zeros({2, 0, 3}, float64);
  CHECK(array_equal(reduce_sum(none, {1}), zeros({2, 3}, float64)));
  CHECK(array_equal(reduce_prod(none, {1}), ones({2, 3}, float64)));
  CHECK(std::isnan(reduce_mean(none).item<double>()));
  CHECK(reduce_logsumexp(none).item<double>() == -inf);
  CHECK_THROWS_WITH_AS(reduce_max(none, {1}), "reduce_max: x has shape (2, 0, 3); there is no element to choose",
                       ValueError);
  CHECK_THROWS_AS(reduce_min(none), ValueError);
  CHECK(reduce_max(none, {0}).shape() == Shape{0, 3});
  CHECK(array_equal(reduce_all(zeros({0}, bool_)), Tensor(true)));
  CHECK(array_equal(reduce_any(zeros({0}, bool_)), Tensor(false)));
  for (Reduce reduce : numeric) {
    GradientTape tape;
    Tensor x = zeros({0, 3}, float64);
    tape.watch(x);
    Tensor g = tape.gradient(reduce(x, {1}, false), x);
    CHECK(g.shape() == x.shape());
  }
}

TEST_CASE("reductions have the right gradients, first and second") {
  Tensor x = numbers({2, 3, 2}, 3);
  for (Reduce reduce : numeric)
    for (std::vector<Index> axes : {std::vector<Index>{}, {1}, {-1}, {0, 2}})
      for (bool keepdims : {false, true}) {
        auto first = check_gradients([&](Tensors in) { return square(reduce(in[0], axes, keepdims)); }, {x});
        CHECK_MESSAGE(first, first.to_string());
        auto second = check_gradients(
            [&](Tensors in) {
              GradientTape tape;
              tape.watch(in[0]);
              Tensor y = reduce(in[0], axes, keepdims);
              return tape.gradient(y * y, in[0]);
            },
            {x}, {.relative = 1e-5});
        CHECK_MESSAGE(second, second.to_string());
      }
}

TEST_CASE("the gradient of an extremum is split evenly among equal elements") {
  GradientTape tape({.persistent = true});
  Tensor x{{3.0, 7.0, 7.0, 3.0}, {2.0, 2.0, 2.0, 4.0}};
  tape.watch(x);
  Tensor g = tape.gradient(reduce_max(x, {1}), x, {.output_gradients = Tensor{6.0, 5.0}});
  CHECK(array_equal(g, Tensor{{0.0, 3.0, 3.0, 0.0}, {0.0, 0.0, 0.0, 5.0}}));
  g = tape.gradient(reduce_min(x, {1}), x, {.output_gradients = Tensor{6.0, 5.0}});
  CHECK(difference(g, Tensor{{3.0, 0.0, 0.0, 3.0}, {5.0 / 3, 5.0 / 3, 5.0 / 3, 0.0}}) < 1e-15);
}

TEST_CASE("the gradient of a product is right for zeros") {
  for (Tensor x : {Tensor{{2.0, 0.0, -3.0}, {1.5, 4.0, 0.5}}, Tensor{{0.0, 0.0, -3.0}, {1.5, 0.0, 2.0}}})
    for (std::vector<Index> axes : {std::vector<Index>{}, {0}, {1}}) {
      auto check = check_gradients([&](Tensors in) { return reduce_prod(in[0], axes); }, {x});
      CHECK_MESSAGE(check, check.to_string());
    }
}

TEST_CASE("extremes and infinities") {
  CHECK(std::isnan(reduce_max(Tensor{1.0, not_a_number, 3.0}).item<double>()));
  CHECK(std::isnan(reduce_min(Tensor{{1.0, not_a_number}, {3.0, 2.0}}, {0}).at<double>({1})));
  CHECK(reduce_max(Tensor{-inf, -inf}).item<double>() == -inf);
  CHECK(difference(reduce_logsumexp(Tensor{1000.0, 1000.0}), Tensor(1000 + std::log(2.0))) < 1e-15);
  CHECK(difference(reduce_logsumexp(Tensor{-1000.0, -1001.0}), Tensor(-1000 + std::log1p(std::exp(-1)))) < 1e-15);
  CHECK(reduce_logsumexp(Tensor{-inf, -inf}).item<double>() == -inf);
  CHECK(reduce_logsumexp(Tensor{2.0, inf}).item<double>() == inf);
}

TEST_CASE("reductions refuse axes and dtypes that do not fit") {
  Tensor x = zeros({2, 3});
  for (Reduce reduce : numeric) {
    CHECK_THROWS_AS(reduce(x, {2}, false), IndexError);
    CHECK_THROWS_AS(reduce(x, {0, -2}, false), ValueError);
    CHECK_THROWS_AS(reduce(zeros({2, 3}, bool_), {}, false), TypeError);
    CHECK_THROWS_AS(reduce(Tensor(), {}, false), ValueError);
  }
  CHECK_THROWS_WITH_AS(reduce_sum(x, {-1, 1}), "reduce_sum: axis 1 is named twice", ValueError);
  CHECK_THROWS_AS(reduce_mean(zeros({2}, int32)), TypeError);
  CHECK_THROWS_AS(reduce_logsumexp(zeros({2}, int32)), TypeError);
  CHECK_THROWS_AS(reduce_all(x), TypeError);
}
