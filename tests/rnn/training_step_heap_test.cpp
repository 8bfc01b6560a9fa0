// A whole training step asks nothing of the heap once its sizes have been seen.
#include <doctest/doctest.h>

#include <unroll/unroll.hpp>

#include "support/heap_count.hpp"
#include "support/use_threads.hpp"

using namespace unroll;

namespace {

// Two layers over embedded words, drop-out between them, a read-out, the loss, clipping, Adam.
class Model {
 public:
  explicit Model(std::shared_ptr<RNNCell> cell) : cell_(std::move(cell)) {
    RandomGenerator random(3);
    words_ = random.integers({6, 9}, 0, 11, int32);
    next_ = random.integers({6, 9}, 0, 11, int32);
  }
  void step(const Tensor& lengths) {
    GradientTape tape;
    Nest out = dynamic_rnn(*cell_, embedding_(words_), {.sequence_length = lengths, .dtype = float32}).outputs;
    Tensor logits = read_out_(dropout(out, 0.25, {.seed = 5}));
    Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(next_, logits));
    if (variables_.empty()) variables_ = tape.watched_variables();
    tape.gradient(loss, variables_, gradients_);
    gradients_ = clip_by_global_norm(std::move(gradients_), 1).tensors;
    adam_.apply_gradients(gradients_, variables_);
  }

 private:
  Embedding embedding_{11, 5};
  std::shared_ptr<RNNCell> cell_;
  Dense read_out_{11};
  Adam adam_;
  Tensor words_, next_;
  std::vector<Variable> variables_;
  std::vector<Tensor> gradients_;
};

long allocations(std::shared_ptr<RNNCell> cell, const Tensor& lengths, int threads) {
  testing::UseThreads use(threads);
  Model model(std::move(cell));
  for (int k = 0; k < 5; ++k) model.step(lengths);
  long count = testing::heap_allocations();
  for (int k = 0; k < 4; ++k) model.step(lengths);
  return testing::heap_allocations() - count;
}

}  // namespace

#ifndef __SANITIZE_ADDRESS__  // which gives memory back at once

TEST_CASE("after warm-up a training step of a compiled cell asks nothing of the heap") {
  Tensor full, ragged{9, 2, 0, 5, 9, 1};
  for (const Tensor& lengths : {full, ragged})
    for (int threads : {1, 2}) {
      CAPTURE(threads);
      CHECK(allocations(std::make_shared<MultiRNNCell>(LSTMCell(7), GRUCell(6)), lengths, threads) == 0);
      CHECK(allocations(std::make_shared<LayerNormBasicLSTMCell>(8), lengths, threads) == 0);
      CHECK(allocations(std::make_shared<ResidualWrapper>(BasicRNNCell(5)), lengths, threads) == 0);
      CHECK(allocations(std::make_shared<DropoutWrapper>(LSTMCell(7), DropoutWrapperOptions{.output_keep_prob = 0.5}),
                        lengths, threads) == 0);
      CHECK(allocations(
                std::make_shared<DropoutWrapper>(
                    GRUCell(7),
                    DropoutWrapperOptions{.state_keep_prob = 0.9, .variational_recurrent = true, .dtype = float32}),
                lengths, threads) == 0);
      CHECK(
          allocations(std::make_shared<ZoneoutWrapper>(LSTMCell(7), ZoneoutWrapperOptions{.zoneout_factor_cell = 0.1}),
                      lengths, threads) == 0);
      CHECK(allocations(std::make_shared<HighwayWrapper>(GRUCell(5)), lengths, threads) == 0);
    }
}

TEST_CASE("after warm-up a training step in both directions, side by side or not, asks nothing of the heap") {
  Tensor x = random_normal({9, 6, 5}, {.seed = 3});
  for (int threads : {1, 2}) {
    CAPTURE(threads);
    testing::UseThreads use(threads);
    LSTMCell fw(7);
    GRUCell bw(6);
    Adam adam;
    std::vector<Variable> variables;
    std::vector<Tensor> gradients;
    auto step = [&] {
      GradientTape tape;
      auto [outputs, state] = bidirectional_dynamic_rnn(
          fw, bw, x, {.dtype = float32, .time_major = true, .scope = "both"});  // a longer name would be on the heap
      Tensor loss = reduce_mean(square(outputs[0])) + reduce_mean(square(outputs[1]));
      if (variables.empty()) variables = tape.watched_variables();
      tape.gradient(loss, variables, gradients);
      adam.apply_gradients(gradients, variables);
    };
    for (int k = 0; k < 5; ++k) step();
    long count = testing::heap_allocations();
    for (int k = 0; k < 4; ++k) step();
    CHECK(testing::heap_allocations() == count);
  }
}

TEST_CASE("the first step does ask") {
  Model model(std::make_shared<LSTMCell>(7));
  long before = testing::heap_allocations();
  model.step({});
  CHECK(testing::heap_allocations() > before);
}

#endif
