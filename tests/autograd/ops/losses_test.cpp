#include "unroll/autograd/ops/losses.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

using Tensors = const std::vector<Tensor>&;
using Loss = std::function<Tensor(const Tensor&, const Tensor&, const LossOptions&)>;

const Tensor labels = sigmoid(numbers({3, 2}, 1)), predictions = sigmoid(numbers({3, 2}, 2));

struct Named {
  const char* name;
  Loss loss;
};
const Named losses[] = {
    {"mean_squared_error", mean_squared_error},
    {"absolute_difference", absolute_difference},
    {"huber_loss", [](auto& a, auto& b, auto& o) { return huber_loss(a, b, 0.2, o); }},
    {"log_loss", [](auto& a, auto& b, auto& o) { return log_loss(a, b, 1e-3, o); }},
    {"hinge_loss", hinge_loss},
    {"log_cosh", log_cosh},
    {"sigmoid_focal_cross_entropy",
     [](auto& a, auto& b, auto& o) { return sigmoid_focal_cross_entropy(a, b, {.alpha = 0.3, .gamma = 1.5}, o); }},
    {"sigmoid_cross_entropy", [](auto& a, auto& b, auto& o) { return sigmoid_cross_entropy(a, b, 0.1, o); }},
};

}  // namespace

TEST_CASE("the losses of single elements") {
  const LossOptions none{.reduction = Reduction::none};
  Tensor y{1.0, 0.0, 1.0}, p{0.75, 0.5, 3.0};
  CHECK(array_equal(mean_squared_error(y, p, none), Tensor{0.0625, 0.25, 4.0}));
  CHECK(array_equal(absolute_difference(y, p, none), Tensor{0.25, 0.5, 2.0}));
  CHECK(array_equal(huber_loss(y, p, 0.5, none), Tensor{0.03125, 0.125, 0.875}));
  CHECK(array_equal(hinge_loss(y, p, none), Tensor{0.25, 1.5, 0.0}));
  CHECK(difference(log_loss(Tensor{1.0, 0.0}, Tensor{0.75, 0.5}, 0, none), Tensor{-std::log(0.75), -std::log(0.5)}) <
        1e-15);
  CHECK(difference(log_cosh(Tensor{0.0, 1.0, -1000.0}, Tensor{0.5, -1.0, 1000.0}, none),
                   Tensor{std::log(std::cosh(0.5)), std::log(std::cosh(2.0)), 2000 - std::log(2.0)}) < 1e-15);
  const double q = 1 / (1 + std::exp(-0.5));
  CHECK(difference(sigmoid_focal_cross_entropy(Tensor{1.0, 0.0}, Tensor{0.5, 0.5}, {.alpha = 0.25, .gamma = 2}, none),
                   Tensor{-0.25 * (1 - q) * (1 - q) * std::log(q), -0.75 * q * q * std::log(1 - q)}) < 1e-15);
  CHECK_THROWS_AS(sigmoid_focal_cross_entropy(labels, predictions, {.gamma = -1}), ValueError);
  CHECK(array_equal(l2_loss(Tensor{{1.0, -2.0}, {3.0, 0.0}}), Tensor(7.0)));
  CHECK(difference(sigmoid_cross_entropy(labels, predictions, 0.2, none),
                   sigmoid_cross_entropy_with_logits(labels * 0.8 + 0.1, predictions)) < 1e-15);
  CHECK(difference(softmax_cross_entropy(labels, predictions, 0.2, none),
                   softmax_cross_entropy_with_logits(labels * 0.8 + 0.1, predictions)) < 1e-15);
}

TEST_CASE("reductions of weighted losses") {
  Tensor x{{1.0, 2.0}, {4.0, 8.0}, {16.0, 32.0}}, w{{0.5}, {0.0}, {2.0}},
      full_weights{{0.5, 0.5}, {0.0, 0.0}, {2.0, 2.0}};
  for (const Tensor& weights : {w, full_weights, Tensor(w, float32)}) {
    auto reduced = [&](Reduction r) { return compute_weighted_loss(x, {.weights = weights, .reduction = r}); };
    CHECK(array_equal(reduced(Reduction::none), Tensor{{0.5, 1.0}, {0.0, 0.0}, {32.0, 64.0}}));
    CHECK(array_equal(reduced(Reduction::sum), Tensor(97.5)));
    CHECK(array_equal(reduced(Reduction::mean), Tensor(97.5 / 5)));
    CHECK(array_equal(reduced(Reduction::sum_over_batch_size), Tensor(97.5 / 6)));
    CHECK(array_equal(reduced(Reduction::sum_by_nonzero_weights), Tensor(97.5 / 4)));
  }
  CHECK(array_equal(compute_weighted_loss(x), Tensor(63.0 / 6)));
  CHECK(array_equal(compute_weighted_loss(x, {.weights = Tensor(2.0)}), Tensor(126.0 / 6)));
  CHECK(
      array_equal(compute_weighted_loss(x, {.weights = Tensor(2.0), .reduction = Reduction::mean}), Tensor(63.0 / 6)));
}

TEST_CASE("where the weights are 0 or nothing is there, losses are 0 and so are gradients") {
  for (auto& named : losses)
    for (Reduction r :
         {Reduction::sum, Reduction::mean, Reduction::sum_over_batch_size, Reduction::sum_by_nonzero_weights}) {
      GradientTape tape;
      tape.watch(predictions);
      Tensor y = named.loss(labels, predictions, {.weights = Tensor(0.0), .reduction = r});
      CHECK(array_equal(y, Tensor(0.0)));
      CHECK(array_equal(tape.gradient(y, predictions), zeros({3, 2}, float64)));
      Tensor nothing = zeros({0, 2}, float64);
      CHECK(array_equal(named.loss(nothing, nothing, {.reduction = r}), Tensor(0.0)));
    }
}

TEST_CASE("losses have the right gradients, of labels, predictions and weights") {
  Tensor weights{{0.5}, {3.0}, {-2.0}};
  for (auto& named : losses)
    for (Reduction r : {Reduction::none, Reduction::mean, Reduction::sum_by_nonzero_weights}) {
      auto check = check_gradients([&](Tensors x) { return named.loss(x[0], x[1], {.weights = x[2], .reduction = r}); },
                                   {labels, predictions, weights});
      CHECK_MESSAGE(check, named.name, check.to_string());
    }
  auto of_softmax =
      check_gradients([&](Tensors x) { return softmax_cross_entropy(softmax(labels), x[0], 0.1, {.weights = x[1]}); },
                      {predictions, Tensor{0.5, 3.0, -2.0}});
  CHECK_MESSAGE(of_softmax, of_softmax.to_string());
  auto of_l2 = check_gradients([](Tensors x) { return l2_loss(x[0]); }, {predictions});
  CHECK_MESSAGE(of_l2, of_l2.to_string());
}

TEST_CASE("the labels of softmax_cross_entropy have no gradient") {
  GradientTape tape;
  tape.watch(labels);
  CHECK_FALSE(tape.gradient(softmax_cross_entropy(labels, predictions), labels).defined());
}

TEST_CASE("losses refuse what does not fit") {
  for (auto& named : losses) {
    CHECK_THROWS_WITH_AS(named.loss(zeros({2, 3}), zeros({3}), {}), doctest::Contains("labels has shape (2, 3), "),
                         ValueError);
    CHECK_THROWS_WITH_AS(named.loss(zeros({3}, float64), zeros({3}), {}), doctest::Contains("labels are float64, "),
                         TypeError);
    CHECK_THROWS_AS(named.loss(zeros({3}, int32), zeros({3}, int32), {}), TypeError);
    CHECK_THROWS_AS(named.loss(Tensor(), zeros({3}), {}), ValueError);
    for (Shape shape : {Shape{2}, Shape{3, 3}, Shape{1, 3, 2}})
      CHECK_THROWS_WITH_AS(named.loss(labels, predictions, {.weights = ones(shape)}),
                           doctest::Contains("the losses have (3, 2)"), ValueError);
  }
  CHECK_THROWS_AS(softmax_cross_entropy(labels, predictions, 0, {.weights = ones({3, 1})}), ValueError);
  CHECK_THROWS_WITH_AS(softmax_cross_entropy(labels, predictions, 1.5),
                       "softmax_cross_entropy: label_smoothing is 1.5, expected 0 .. 1", ValueError);
  CHECK_THROWS_AS(softmax_cross_entropy(Tensor(1.0), Tensor(1.0)), ValueError);
  CHECK_THROWS_AS(l2_loss(zeros({2}, int32)), TypeError);
}
