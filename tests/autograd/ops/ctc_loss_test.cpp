#include "unroll/autograd/ops/ctc_loss.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "support/random_tensors.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/autograd/tape.hpp"

using namespace unroll;
using namespace testing;

namespace {

// What a path of classes says: repeated ones merged, blanks removed.
std::vector<Index> said_by(const std::vector<Index>& path, Index blank) {
  std::vector<Index> labels;
  for (std::size_t t = 0; t < path.size(); ++t)
    if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  return labels;
}

// -log of the summed probability of all paths of `steps` classes that say `labels`.
double by_enumeration(const Tensor& logits, Index row, Index steps, const std::vector<Index>& labels, Index blank) {
  Tensor p = softmax(logits);
  double sum = 0;
  std::vector<Index> path;
  std::function<void(double)> extend = [&](double so_far) {
    Index t = static_cast<Index>(path.size());
    if (t == steps) {
      if (said_by(path, blank) == labels) sum += so_far;
      return;
    }
    for (Index k = 0; k < logits.shape(2); ++k) {
      path.push_back(k);
      extend(so_far * p.at<double>({t, row, k}));
      path.pop_back();
    }
  };
  extend(1);
  return -std::log(sum);
}

const Tensor labels{{2, 1, 1}, {0, 9, 9}, {1, 2, 9}, {9, 9, 9}};
const Tensor label_length{3, 1, 2, 0}, logit_length{5, 3, 2, 4};
constexpr CtcLossOptions blank_3{.blank_index = 3};

}  // namespace

TEST_CASE("the CTC loss is the probability of all paths that say the labels") {
  Tensor logits = random_tensor({5, 4, 4}, 1, 2);
  Tensor loss = ctc_loss(labels, logits, label_length, logit_length, blank_3);
  const std::vector<Index> of_row[] = {{2, 1, 1}, {0}, {1, 2}, {}};
  for (Index row = 0; row < 4; ++row)
    CHECK(loss.at<double>({row}) ==
          doctest::Approx(by_enumeration(logits, row, logit_length.at<std::int32_t>({row}), of_row[row], 3)));
}

TEST_CASE("the CTC loss has right gradients, of second order too, and none beyond a row's length") {
  Tensor logits = random_tensor({5, 4, 4}, 1);
  auto loss = [&](const std::vector<Tensor>& in) {
    return ctc_loss(labels, in[0], label_length, logit_length, blank_3);
  };
  auto first = check_gradients(loss, {logits});
  CHECK_MESSAGE(first, first.to_string());
  auto gradient = [&](const std::vector<Tensor>& in) {
    GradientTape tape;
    tape.watch(in[0]);
    return tape.gradient(loss(in), in[0]);
  };
  auto second = check_gradients(gradient, {logits});
  CHECK_MESSAGE(second, second.to_string());
  Tensor g = gradient({logits});
  for (Index k = 0; k < 4; ++k) {
    CHECK(g.at<double>({4, 1, k}) == 0);
    CHECK(g.at<double>({2, 2, k}) == 0);
  }
}

TEST_CASE("NaN beyond a row's length, and logits of minus infinity, leave loss and gradient finite") {
  Tensor logits = random_tensor({5, 4, 4}, 1);
  Tensor expected = ctc_loss(labels, logits, label_length, logit_length, blank_3);
  for (Index k = 0; k < 4; ++k) logits.set<double>({4, 1, k}, NAN);
  logits.set<double>({0, 1, 2}, -INFINITY);
  GradientTape tape;
  tape.watch(logits);
  Tensor loss = ctc_loss(labels, logits, label_length, logit_length, blank_3);
  CHECK(loss.at<double>({0}) == expected.at<double>({0}));
  CHECK(std::isfinite(loss.at<double>({1})));
  Tensor g = tape.gradient(loss, logits);
  for (double v : g.values<double>()) CHECK(std::isfinite(v));
}

TEST_CASE("a blank counted from the end and batch-major logits give the same") {
  Tensor logits = random_tensor({5, 4, 4}, 1);
  Tensor batch_major(TensorSpec{{4, 5, 4}, float64});
  for (Index t = 0; t < 5; ++t)
    for (Index b = 0; b < 4; ++b)
      for (Index k = 0; k < 4; ++k) batch_major.set({b, t, k}, logits.at<double>({t, b, k}));
  CHECK(array_equal(
      ctc_loss(labels, batch_major, label_length, logit_length, {.logits_time_major = false, .blank_index = -1}),
      ctc_loss(labels, logits, label_length, logit_length, blank_3)));
}

TEST_CASE("a long sequence does not underflow") {
  Tensor logits = random_tensor({2000, 1, 5}, 1, 1, float32);
  Tensor loss = ctc_loss(Tensor{{1, 2, 3}}, logits, Tensor{3}, Tensor{2000});
  CHECK(loss.item<double>() > 1000);
  CHECK(loss.item<double>() < 10000);
}

TEST_CASE("labels that need more time than there is are an error, or cost nothing") {
  Tensor logits = random_tensor({3, 2, 4}, 1);
  Tensor needs_three{{1, 1}, {1, 2}};
  CHECK_THROWS_WITH_AS(ctc_loss(needs_three, logits, Tensor{2, 2}, Tensor{2, 2}),
                       "ctc_loss: the labels of row 0 need 3 steps, there are 2", InvalidArgumentError);
  CHECK_NOTHROW(ctc_loss(needs_three, logits, Tensor{2, 2}, Tensor{3, 2}));
  GradientTape tape;
  tape.watch(logits);
  Tensor loss = ctc_loss(needs_three, logits, Tensor{2, 2}, Tensor{2, 2}, {.ignore_longer_outputs_than_inputs = true});
  CHECK(loss.at<double>({0}) == 0);
  CHECK(loss.at<double>({1}) > 0);
  Tensor g = tape.gradient(loss, logits);
  for (Index t = 0; t < 3; ++t)
    for (Index k = 0; k < 4; ++k) CHECK(g.at<double>({t, 0, k}) == 0);
}

TEST_CASE("the CTC loss refuses what does not fit") {
  Tensor logits = random_tensor({3, 2, 4}, 1), ok{{1, 2}, {3, 1}}, two{2, 2}, three{3, 3};
  CHECK_NOTHROW(ctc_loss(ok, logits, two, three));
  CHECK_THROWS_AS(ctc_loss(Tensor{{1, 4}, {3, 1}}, logits, two, three), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_loss(Tensor{{1, -1}, {3, 1}}, logits, two, three), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_loss(Tensor{{1, 0}, {3, 1}}, logits, two, three), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_loss(ok, logits, Tensor{3, 2}, three), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_loss(ok, logits, two, Tensor{4, 3}), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_loss(ok, logits, two, Tensor{3, -1}), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_loss(ok, logits, two, Tensor{3}), ValueError);
  CHECK_THROWS_AS(ctc_loss(Tensor{1, 2}, logits, two, three), ValueError);
  CHECK_THROWS_AS(ctc_loss(ok, random_tensor({3, 2}, 1), two, three), ValueError);
  CHECK_THROWS_AS(ctc_loss(ok, logits, two, three, {.blank_index = 4}), ValueError);
  CHECK_THROWS_AS(ctc_loss(random_tensor({2, 2}, 1), logits, two, three), TypeError);
  CHECK_THROWS_AS(ctc_loss(ok, Tensor(logits, int32), two, three), TypeError);
}
