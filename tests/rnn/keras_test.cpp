#include <doctest/doctest.h>

#include <cmath>

#include "support/cells.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reverse.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/keras/bidirectional.hpp"
#include "unroll/rnn/keras/gru.hpp"
#include "unroll/rnn/keras/lstm.hpp"
#include "unroll/rnn/keras/masking.hpp"
#include "unroll/rnn/keras/simple_rnn.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Its output is the input, its state counts steps.
class Counter : public RNNCell {
 public:
  std::string class_name() const override { return "Counter"; }
  SizeNest state_size() const override { return 1; }
  SizeNest output_size() const override { return 1; }

 private:
  StepResult call(const Nest& inputs, const Nest& state) override { return {inputs, state.leaf() + 1.0}; }
};

Tensor step_of(const Tensor& y, Index t) { return unstack(y, 1)[static_cast<std::size_t>(t)]; }

}  // namespace

TEST_CASE("a masked step keeps the state and repeats the output") {
  Tensor x{{{1.0}, {2.0}, {0.0}}}, start{{10.0}};
  auto [masked, mask] = keras::masking(x);
  CHECK(array_equal(mask, Tensor{{true, true, false}}));
  keras::RNN layer(std::make_shared<Counter>(), {.return_state = true});
  auto [output, states] = layer(masked, {.mask = mask, .initial_state = {start}});
  CHECK(array_equal(output.leaf(), Tensor{{2.0}}));
  CHECK(array_equal(states[0], Tensor{{12.0}}));
}

TEST_CASE("masks may have holes: what is left out might as well not be there") {
  Tensor x = random_tensor({1, 5, 2}, 1), mask{{false, true, false, true, true}};
  for (Index t : {0, 2})
    for (Index k : {0, 1}) x.set({0, t, k}, std::nan(""));
  keras::LSTM layer(3, {.return_sequences = true, .return_state = true});
  auto [y, states] = layer(x, {.mask = mask});
  Tensor dense = stack({step_of(x, 1), step_of(x, 3), step_of(x, 4)}, 1);
  auto [want, want_states] = layer(dense);
  CHECK(array_equal(step_of(y, 0), zeros({1, 3}, float64)));
  CHECK(allclose(step_of(y, 1), step_of(want, 0), 1e-12));
  CHECK(allclose(step_of(y, 2), step_of(want, 0), 1e-12));
  CHECK(allclose(step_of(y, 4), step_of(want, 2), 1e-12));
  for (std::size_t k : {0u, 1u}) CHECK(allclose(states[k], want_states[k], 1e-12));
}

TEST_CASE("zero_output_for_mask gives zeros instead, go_backwards reads and answers in reverse") {
  Tensor x = random_tensor({2, 4, 2}, 1), mask{{true, false, true, true}, {false, true, true, false}};
  keras::GRU layer(3, {.return_sequences = true, .zero_output_for_mask = true});
  CHECK(array_equal(step_of(layer(x, {.mask = mask}).output, 1).rows_view(0, 1), zeros({1, 3}, float64)));
  keras::GRU backwards(3, {.return_sequences = true, .go_backwards = true});
  backwards(x);
  for (std::size_t k = 0; k < 3; ++k) backwards.variables()[k].assign(layer.variables()[k]);
  CHECK(array_equal(backwards(x).output.leaf(), layer(reverse(x, {1})).output.leaf()));
}

TEST_CASE("a stateful layer goes on where it stopped, until it is reset") {
  keras::LSTM layer(3, {.return_sequences = true, .stateful = true});
  Tensor x = random_tensor({2, 4, 2}, 1);
  Tensor first = layer(x).output, second = layer(x).output;
  CHECK_FALSE(array_equal(first, second));
  layer.reset_states();
  CHECK(array_equal(layer(x).output.leaf(), first));
  CHECK(array_equal(layer(x).output.leaf(), second));
  CHECK_THROWS_AS(layer(random_tensor({3, 4, 2}, 1)), ValueError);
  CHECK_THROWS_AS(layer.reset_states({random_tensor({2, 3}, 1)}), ValueError);
  CHECK_THROWS_AS(layer.reset_states({random_tensor({2, 3}, 1), random_tensor({2, 4}, 1)}), ValueError);
  keras::LSTM stateless(3);
  CHECK_THROWS_AS(stateless.reset_states(), RuntimeError);
}

TEST_CASE("Keras layers are differentiable through masks") {
  Tensor x = random_tensor({2, 4, 2}, 1), mask{{true, false, true, true}, {false, true, true, false}};
  auto check_layer = [&](keras::RNN& layer) {
    layer(x);
    randomize(layer);
    auto run = [&](const std::vector<Tensor>& in) { return layer(in[0], {.mask = mask}).output; };
    auto of_inputs = check_gradients(run, {x});
    CHECK_MESSAGE(of_inputs, of_inputs.to_string());
    auto of_variables = check_gradients([&] { return run({x}); }, layer.variables());
    CHECK_MESSAGE(of_variables, of_variables.to_string());
  };
  keras::LSTM lstm(3, {.return_sequences = true});
  check_layer(lstm);
  keras::GRU gru(3, {}, {.reset_after = false});
  check_layer(gru);
  keras::SimpleRNN simple(3, {.return_sequences = true, .go_backwards = true});
  check_layer(simple);
}

TEST_CASE("the forget gate's bias begins at one, recurrent kernels orthogonal") {
  keras::LSTM layer(2);
  layer.build(TensorSpec{{1, 3}, float64});
  std::vector<Variable> v = layer.variables();
  CHECK(v[0].name() == "lstm/lstm_cell/kernel");
  CHECK(array_equal(v[2].value(), Tensor{0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0}));
  const Tensor& r = v[1];
  for (Index i : {0, 1}) {
    double sum = 0;
    for (Index k = 0; k < 8; ++k) sum += r.at<double>({i, k}) * r.at<double>({i, k});
    CHECK(sum == doctest::Approx(1));
  }
}

TEST_CASE("dropout masks stay the same over time and change from sequence to sequence") {
  for (int implementation : {1, 2}) {
    auto cell = std::make_shared<keras::SimpleRNNCell>(
        20, keras::CellOptions{.use_bias = false, .dropout = 0.5, .implementation = implementation, .seed = 5});
    keras::RNN layer(cell, {.return_sequences = true});
    Tensor x = ones({2, 3, 20}, float64);
    layer(x);
    cell->variables()[0].assign(eye(20, 20, float64));
    cell->variables()[1].assign(zeros({20, 20}, float64));
    Tensor y = layer(x).output;
    CHECK(array_equal(step_of(y, 0), step_of(y, 2)));
    CHECK_FALSE(array_equal(step_of(y, 0).rows_view(0, 1), step_of(y, 0).rows_view(1, 2)));
    CHECK_FALSE(array_equal(y, layer(x).output.leaf()));
    cell->set_training(false);
    CHECK(allclose(layer(x).output, full({2, 3, 20}, std::tanh(1.0), float64)));
  }
}

TEST_CASE("Bidirectional merges both directions in the order of time") {
  Tensor x = random_tensor({2, 4, 3}, 1);
  auto make = [&](keras::MergeMode mode) {
    return keras::Bidirectional(
        std::make_shared<keras::GRU>(2, keras::RNNOptions{.return_sequences = true, .return_state = true}),
        {.merge_mode = mode});
  };
  keras::Bidirectional layer = make(keras::MergeMode::concat);
  auto [y, states] = layer(x);
  CHECK(layer.variables()[0].name() == "bidirectional/forward_gru/gru_cell/kernel");
  CHECK(layer.variables()[3].name() == "bidirectional/backward_gru/gru_cell/kernel");
  Tensor fw = layer.forward_layer()(x).output, bw = reverse(layer.backward_layer()(x).output, {1});
  CHECK(array_equal(y.leaf(), concat(fw, bw, 2)));
  CHECK(states.size() == 2);
  CHECK(array_equal(states[1], step_of(bw, 0)));
  auto merged = [&](keras::MergeMode mode) {
    keras::Bidirectional other = make(mode);
    other(x);
    for (std::size_t k = 0; k < 6; ++k) other.variables()[k].assign(layer.variables()[k]);
    return other(x).output;
  };
  CHECK(array_equal(merged(keras::MergeMode::sum).leaf(), fw + bw));
  CHECK(array_equal(merged(keras::MergeMode::mul).leaf(), fw * bw));
  CHECK(array_equal(merged(keras::MergeMode::ave).leaf(), (fw + bw) / 2.0));
  CHECK(array_equal(merged(keras::MergeMode::none)[1].leaf(), bw));
  CHECK_THROWS_AS(layer(x, {.initial_state = {fw}}), ValueError);
}

TEST_CASE("Bidirectional refuses layers that do not fit together") {
  auto lstm = [](keras::RNNOptions o) { return std::make_shared<keras::LSTM>(2, o); };
  CHECK_THROWS_AS(keras::Bidirectional(nullptr), TypeError);
  CHECK_THROWS_AS(keras::Bidirectional(lstm({}), {.backward_layer = lstm({})}), ValueError);
  CHECK_THROWS_AS(
      keras::Bidirectional(lstm({}), {.backward_layer = lstm({.return_sequences = true, .go_backwards = true})}),
      ValueError);
  CHECK_THROWS_AS(keras::Bidirectional(std::make_shared<keras::RNN>(std::make_shared<Counter>())), ValueError);
  CHECK_NOTHROW(keras::Bidirectional(lstm({}), {.backward_layer = lstm({.go_backwards = true})}));
}

TEST_CASE("several cells make a stack, and a layer of steps runs on each step") {
  keras::RNN layer({std::make_shared<keras::LSTMCell>(2), std::make_shared<keras::LSTMCell>(3)},
                   {.return_state = true});
  Tensor x = random_tensor({2, 4, 3}, 1);
  CHECK(layer(x).states.size() == 4);
  CHECK(layer.variables()[0].name() == "rnn/stacked_rnn_cells/lstm_cell/kernel");
  CHECK(layer.variables()[3].name() == "rnn/stacked_rnn_cells/cell_1/lstm_cell/kernel");
  Dense dense(5);
  Tensor y = keras::time_distributed(dense, x);
  CHECK(y.shape() == Shape{2, 4, 5});
  CHECK(allclose(step_of(y, 2), dense(step_of(x, 2)), 1e-14));
}

TEST_CASE("Keras layers refuse what they cannot use") {
  keras::LSTM layer(3);
  Tensor x = random_tensor({2, 4, 2}, 1);
  CHECK_THROWS_AS(layer(random_tensor({2, 4}, 1)), ValueError);
  CHECK_THROWS_AS(layer(x, {.mask = ones({2, 4})}), TypeError);
  CHECK_THROWS_AS(layer(x, {.mask = ones({4, 2}, bool_)}), ValueError);
  CHECK_THROWS_AS(layer(x, {.initial_state = {random_tensor({2, 3}, 1)}}), ValueError);
  CHECK_THROWS_AS(layer(random_tensor({2, 0, 2}, 1)), ValueError);
  CHECK_THROWS_AS(layer(x, {.constants = {random_tensor({2, 1}, 1)}}), ValueError);
  CHECK_NOTHROW(layer(x));
  CHECK_THROWS_AS(keras::RNN(std::shared_ptr<RNNCell>()), TypeError);
  CHECK_THROWS_AS(keras::LSTM(3, {}, {.dropout = 1}), ValueError);
  CHECK_THROWS_AS(keras::LSTM(3, {}, {.implementation = 3}), ValueError);
  CHECK_THROWS_AS(keras::LSTM(-1), ValueError);
}
