#include "unroll/autograd/ops/cross_entropy.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

using Tensors = const std::vector<Tensor>&;

// The gradient's own gradient, with respect to logits and to the weights of the losses.
template <class F>
GradientCheck check_second(F&& loss, const Tensor& logits) {
  return check_gradients(
      [&](Tensors in) {
        GradientTape tape;
        tape.watch(in[0]);
        return tape.gradient(loss(in[0]), in[0], {.output_gradients = in[1]});
      },
      {logits, numbers(loss(logits).shape(), 8)});
}

Tensor one_hot_rows(const std::vector<int>& labels, Index classes) {
  Tensor y = zeros({static_cast<Index>(labels.size()), classes}, float64);
  for (std::size_t k = 0; k < labels.size(); ++k) y.set({static_cast<Index>(k), labels[k]}, 1.0);
  return y;
}

}  // namespace

TEST_CASE("softmax cross entropy equals the composition of small ops") {
  Tensor logits = numbers({2, 3, 4}, 1), labels = softmax(numbers({2, 3, 4}, 2));
  for (int axis : {-1, 0, 1}) {
    Tensor p = softmax(labels, axis);
    auto fused = [&](Tensors x) { return softmax_cross_entropy_with_logits(p, x[0], axis); };
    CHECK(difference(fused({logits}), -reduce_sum(p * log_softmax(logits, axis), {axis})) < 1e-15);
    auto check = check_gradients(fused, {logits});
    CHECK_MESSAGE(check, check.to_string());
  }
  auto of_labels =
      check_gradients([&](Tensors x) { return softmax_cross_entropy_with_logits(x[0], logits); }, {labels});
  CHECK_MESSAGE(of_labels, of_labels.to_string());
  auto second = check_second([&](const Tensor& x) { return softmax_cross_entropy_with_logits(labels, x); }, logits);
  CHECK_MESSAGE(second, second.to_string());
}

TEST_CASE("the gradient of softmax cross entropy is softmax - labels for any labels") {
  GradientTape tape;
  Tensor logits = numbers({2, 3}, 1), labels{{0.5, 0.0, 2.0}, {0.25, 0.25, 0.0}}, weights{{2.0}, {-3.0}};
  tape.watch(logits);
  Tensor g = tape.gradient(softmax_cross_entropy_with_logits(labels, logits), logits,
                           {.output_gradients = weights.reshaped_view({2})});
  CHECK(difference(g, weights * (softmax(logits) - labels)) < 1e-15);
}

TEST_CASE("sparse softmax cross entropy equals the dense one of one-hot labels") {
  const std::vector<int> labels{3, 0, 2, 1, 2, 0};
  Tensor logits = numbers({6, 4}, 1), flat({6}, labels);
  Tensor dense = softmax_cross_entropy_with_logits(one_hot_rows(labels, 4), logits);
  CHECK(difference(sparse_softmax_cross_entropy_with_logits(flat, logits), dense) < 1e-15);
  CHECK(difference(sparse_softmax_cross_entropy_with_logits(Tensor(flat, int64).reshaped_view({2, 3}),
                                                            logits.reshaped_view({2, 3, 4})),
                   dense.reshaped_view({2, 3})) < 1e-15);
  CHECK(difference(sparse_softmax_cross_entropy_with_logits(Tensor(2), numbers({4}, 1)),
                   -log_softmax(numbers({4}, 1)).rows_view(2, 3).reshaped_view({})) < 1e-15);
  auto loss = [&](const Tensor& x) { return sparse_softmax_cross_entropy_with_logits(flat, x); };
  auto first = check_gradients([&](Tensors x) { return loss(x[0]); }, {logits});
  CHECK_MESSAGE(first, first.to_string());
  auto second = check_second(loss, logits);
  CHECK_MESSAGE(second, second.to_string());
  CHECK(sparse_softmax_cross_entropy_with_logits(zeros({0}, int32), zeros({0, 4})).shape() == Shape{0});
}

TEST_CASE("sigmoid cross entropy equals the composition of small ops") {
  Tensor logits = numbers({3, 4}, 1), labels = sigmoid(numbers({3, 4}, 2));
  auto loss = [&](const Tensor& x) { return sigmoid_cross_entropy_with_logits(labels, x); };
  Tensor p = sigmoid(logits), composed = -(labels * log(p)) - (1.0 - labels) * log(1.0 - p);
  CHECK(difference(loss(logits), composed) < 1e-14);
  CHECK(difference(sigmoid_cross_entropy_with_logits(Tensor(labels, float32), Tensor(logits, float32)),
                   Tensor(composed, float32)) < 1e-6);
  auto first =
      check_gradients([](Tensors x) { return sigmoid_cross_entropy_with_logits(x[0], x[1]); }, {labels, logits});
  CHECK_MESSAGE(first, first.to_string());
  auto second = check_second(loss, logits);
  CHECK_MESSAGE(second, second.to_string());
}

TEST_CASE("weighted cross entropy weighs the positive term") {
  Tensor logits = numbers({3, 4}, 1), labels = sigmoid(numbers({3, 4}, 2));
  Tensor p = sigmoid(logits), positive = labels * log(p), negative = (1.0 - labels) * log(1.0 - p);
  CHECK(difference(weighted_cross_entropy_with_logits(labels, logits, 2.5), -(2.5 * positive) - negative) < 1e-14);
  Tensor weights{2.0, 0.5, 1.0, 3.0};
  CHECK(difference(weighted_cross_entropy_with_logits(labels, logits, weights), -(weights * positive) - negative) <
        1e-14);
  auto check = check_gradients([](Tensors x) { return weighted_cross_entropy_with_logits(x[0], x[1], x[2]); },
                               {labels, logits, weights});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("cross entropies of huge logits") {
  Tensor x{{1e5, 0.0, -1e5}};
  CHECK(array_equal(sparse_softmax_cross_entropy_with_logits(Tensor{2}, x), Tensor{2e5}));
  CHECK(array_equal(sparse_softmax_cross_entropy_with_logits(Tensor{0}, x), Tensor{0.0}));
  CHECK(array_equal(softmax_cross_entropy_with_logits(Tensor{{0.0, 0.25, 0.75}}, x), Tensor{1.75e5}));
  CHECK(array_equal(sigmoid_cross_entropy_with_logits(Tensor{{1.0, 0.0, 1.0}}, x), Tensor{{0.0, std::log(2.0), 1e5}}));
  // A small difference of large logits keeps its digits.
  Tensor near{{1000.f, 1000.25f}};
  CHECK(difference(sparse_softmax_cross_entropy_with_logits(Tensor{0}, near),
                   Tensor{float(std::log1p(std::exp(0.25)))}) < 2e-7);
  CHECK(sigmoid_cross_entropy_with_logits(Tensor{1.f}, Tensor{40.f}).item<float>() == doctest::Approx(std::exp(-40.0)));
}

TEST_CASE("cross entropies refuse what does not fit") {
  Tensor logits = zeros({2, 3}), labels = zeros({2}, int32);
  auto sparse = sparse_softmax_cross_entropy_with_logits;
  CHECK_THROWS_WITH_AS(
      sparse(Tensor{1, 3}, logits),
      "sparse_softmax_cross_entropy_with_logits: label 3 at position 1 is out of range, expected 0 .. 2",
      InvalidArgumentError);
  CHECK_THROWS_AS(sparse(Tensor({-1, 0}, int64), logits), InvalidArgumentError);
  CHECK_THROWS_WITH_AS(sparse(zeros({2}), logits),
                       "sparse_softmax_cross_entropy_with_logits: labels are float32, expected int32 or int64",
                       TypeError);
  CHECK_THROWS_WITH_AS(
      sparse(zeros({2, 3}, int32), logits),
      doctest::Contains("labels has shape (2, 3), logits has shape (2, 3); expected labels of shape (2,)"), ValueError);
  CHECK_THROWS_AS(sparse(zeros({3}, int32), logits), ValueError);
  CHECK_THROWS_AS(sparse(Tensor(1), Tensor(1.f)), ValueError);
  CHECK_THROWS_AS(sparse(labels, zeros({2, 3}, int32)), TypeError);
  CHECK_THROWS_AS(sparse(Tensor(), logits), ValueError);
  CHECK_THROWS_AS(softmax_cross_entropy_with_logits(zeros({2, 4}), logits), ValueError);
  CHECK_THROWS_AS(softmax_cross_entropy_with_logits(zeros({2, 4}), logits, 0), ValueError);
  CHECK_THROWS_AS(softmax_cross_entropy_with_logits(zeros({2, 3}, float64), logits), TypeError);
  CHECK_THROWS_AS(softmax_cross_entropy_with_logits(logits, logits, 2), IndexError);
  CHECK_THROWS_AS(sigmoid_cross_entropy_with_logits(zeros({3}), logits), ValueError);
  CHECK_THROWS_AS(sigmoid_cross_entropy_with_logits(zeros({2, 3}, int32), zeros({2, 3}, int32)), TypeError);
  CHECK_THROWS_AS(weighted_cross_entropy_with_logits(zeros({3}), logits, 1.0), ValueError);
  CHECK_THROWS_AS(weighted_cross_entropy_with_logits(logits, logits, zeros({4, 2, 3})), ValueError);
}
