#include "unroll/autograd/ops/sequence_loss.hpp"

#include <doctest/doctest.h>

#include "support/random_tensors.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/reduce.hpp"

using namespace unroll;
using namespace testing;

namespace {
const Tensor targets{{1, 0, 3}, {2, 2, 1}}, weights{{1.0, 0.5, 0.0}, {2.0, 0.25, 1.5}};
}

TEST_CASE("the sequence loss divides averages by the weights and sums by their number") {
  Tensor logits = random_tensor({2, 3, 4}, 1);
  Tensor losses = sparse_softmax_cross_entropy_with_logits(targets, logits) * weights;
  auto loss = [&](const SequenceLossOptions& o) { return sequence_loss(logits, targets, weights, o); };
  CHECK(allclose(loss({}), reduce_sum(losses) / 5.25, 1e-11));
  CHECK(allclose(loss({.average_across_batch = false}), reduce_sum(losses, {1}) / Tensor{1.5, 3.75}, 1e-11));
  CHECK(allclose(loss({.average_across_timesteps = false}), reduce_sum(losses, {0}) / Tensor{3.0, 0.75, 1.5}, 1e-11));
  CHECK(array_equal(loss({.average_across_timesteps = false, .average_across_batch = false}), losses));
  SequenceLossOptions sums{false, false, true, true};
  CHECK(allclose(loss(sums), reduce_sum(losses) / 5.0, 1e-11));
  sums.sum_over_batch = false;
  CHECK(allclose(loss(sums), reduce_sum(losses, {1}) / Tensor{2.0, 3.0}, 1e-11));
}

TEST_CASE("the sequence loss has right gradients with respect to logits and weights") {
  auto check = check_gradients([](const std::vector<Tensor>& x) { return sequence_loss(x[0], targets, x[1]); },
                               {random_tensor({2, 3, 4}, 1), weights});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("the sequence loss refuses shapes and flags that do not fit") {
  Tensor logits = random_tensor({2, 3, 4}, 1);
  CHECK_THROWS_AS(sequence_loss(random_tensor({6, 4}, 1), targets, weights), ValueError);
  CHECK_THROWS_AS(sequence_loss(logits, Tensor{1, 2}, weights), ValueError);
  CHECK_THROWS_AS(sequence_loss(logits, targets, Tensor{1.0, 2.0}), ValueError);
  CHECK_THROWS_AS(sequence_loss(logits, targets, weights, {.sum_over_timesteps = true}), ValueError);
  CHECK_THROWS_AS(sequence_loss(logits, weights, weights), TypeError);
  CHECK_THROWS_AS(sequence_loss(logits, Tensor{{1, 0, 4}, {2, 2, 1}}, weights), InvalidArgumentError);
}
