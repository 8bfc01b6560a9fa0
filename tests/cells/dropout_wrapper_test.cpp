#include "unroll/cells/dropout_wrapper.hpp"

#include "support/cell_checks.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using namespace testing;

namespace {

// An LSTM with all weights a half, over the inputs 2 and 1, as TensorFlow's own tests have it.
DynamicRnnResult run_lstm(DropoutWrapperOptions options) {
  DropoutWrapper cell(LSTMCell(3, {.initializer = constant_initializer(0.5)}), options);
  Tensor x({{{2, 2, 2}}, {{1, 1, 1}}}, float64);
  Tensor state = full({1, 3}, 0.1, float64);
  return dynamic_rnn(cell, x, {.initial_state = LSTMStateTuple(state, state), .time_major = true});
}

Tensor rows_of(double first, double second) { return Tensor({{{first, first, first}}, {{second, second, second}}}); }

Index zeros_in(const Tensor& t) {
  Index n = 0;
  for (double v : t.values<double>()) n += v == 0;
  return n;
}

// A cell without variables that hands its inputs on, so that masks can be seen.
class Pass : public RNNCell {
 public:
  explicit Pass(Index units) : units_(units) {}
  std::string class_name() const override { return "Pass"; }
  SizeNest state_size() const override { return units_; }
  SizeNest output_size() const override { return units_; }

 private:
  StepResult call(const Nest& inputs, const Nest&) override { return {inputs, inputs}; }
  Index units_;
};

}  // namespace

TEST_CASE("keep probabilities of one change nothing") {
  auto [outputs, state] = run_lstm({});
  CHECK(allclose(outputs.leaf(), rows_of(0.751109, 0.895509), 0, 1e-6));
  CHECK(allclose(state["c"].leaf(), full({1, 3}, 1.949385, float64), 0, 1e-6));
}

TEST_CASE("with next to nothing of the output kept outputs are zero, and the state is as ever") {
  auto [outputs, state] = run_lstm({.output_keep_prob = 1e-6, .seed = 1});
  CHECK(array_equal(outputs.leaf(), zeros({2, 1, 3}, float64)));
  CHECK(allclose(state["h"].leaf(), full({1, 3}, 0.895509, float64), 0, 1e-6));
}

TEST_CASE("with next to nothing of the state kept h is lost, and the memory c of an LSTM is not") {
  auto [outputs, state] = run_lstm({.state_keep_prob = 1e-6, .seed = 1});
  CHECK(allclose(outputs.leaf(), rows_of(0.751109, 0.766171406), 0, 1e-6));
  CHECK(allclose(state["c"].leaf(), full({1, 3}, 1.713925, float64), 0, 1e-6));
  CHECK(array_equal(state["h"].leaf(), zeros({1, 3}, float64)));
}

TEST_CASE("with next to nothing of the input kept the cell runs on zeros") {
  auto [outputs, state] = run_lstm({.input_keep_prob = 1e-6, .seed = 1});
  CHECK(allclose(outputs.leaf(), rows_of(0.083147859, 0.096455002), 0, 1e-8));
  CHECK(allclose(state["c"].leaf(), full({1, 3}, 0.183636683, float64), 0, 1e-8));
}

TEST_CASE("a filter says which tensors of the state are dropped") {
  auto nothing = [](const Nest&) { return NestOf<bool>(false); };
  auto memory = [](const Nest& s) {
    return s.is_leaf() ? NestOf<bool>(true) : NestOf<bool>::named_tuple("LSTMStateTuple", {{"c", true}, {"h", false}});
  };
  auto kept = run_lstm({.state_keep_prob = 1e-6, .seed = 1, .dropout_state_filter_visitor = nothing});
  CHECK(allclose(kept.outputs.leaf(), rows_of(0.751109, 0.895509), 0, 1e-6));
  auto lost = run_lstm({.state_keep_prob = 1e-6, .seed = 1, .dropout_state_filter_visitor = memory});
  CHECK(array_equal(lost.state["c"].leaf(), zeros({1, 3}, float64)));
  CHECK(zeros_in(lost.state["h"]) == 0);
  auto wrong = [](const Nest&) { return NestOf<bool>::tuple({true, true, true}); };
  CHECK_THROWS_AS(run_lstm({.state_keep_prob = 0.5, .dropout_state_filter_visitor = wrong}), ValueError);
}

TEST_CASE("masks are drawn anew for each step and row, and what is kept is divided by the probability") {
  DropoutWrapper cell(Pass(50), {.output_keep_prob = 0.8, .seed = 3});
  Tensor x = ones({4, 6, 50}, float64);
  Tensor y = dynamic_rnn(cell, x, {.dtype = float64}).outputs;
  double dropped = static_cast<double>(zeros_in(y)) / static_cast<double>(y.size());
  CHECK(dropped == doctest::Approx(0.2).epsilon(0.15));
  for (double v : y.values<double>()) CHECK((v == 0 || v == doctest::Approx(1.25)));
  auto at = [&](Index row, Index t) { return y.rows_view(row, row + 1).reshaped_view({6, 50}).rows_view(t, t + 1); };
  CHECK_FALSE(array_equal(at(0, 0), at(0, 1)));
  CHECK_FALSE(array_equal(at(0, 0), at(1, 0)));
}

TEST_CASE("variational masks are one for all steps and rows, and other ones for the next sequence") {
  DropoutWrapper cell(Pass(40), {.input_keep_prob = 0.7,
                                 .output_keep_prob = 0.8,
                                 .state_keep_prob = 0.9,
                                 .variational_recurrent = true,
                                 .input_size = 40,
                                 .dtype = float64,
                                 .seed = 3});
  Tensor x = ones({5, 7, 40}, float64);
  Tensor y = dynamic_rnn(cell, x, {.dtype = float64}).outputs;
  Tensor first = y.reshaped_view({35, 40}).rows_view(0, 1);
  for (Index k = 1; k < 35; ++k) CHECK(array_equal(first, y.reshaped_view({35, 40}).rows_view(k, k + 1)));
  CHECK(zeros_in(first) > 3);
  CHECK_FALSE(array_equal(y, dynamic_rnn(cell, x, {.dtype = float64}).outputs.leaf()));
}

TEST_CASE("equal seeds give equal masks, and evaluation none") {
  Tensor x = random_tensor({3, 4, 5}, 1);
  auto run = [&](std::uint64_t seed, bool training) {
    DropoutWrapper cell(Pass(5), {.input_keep_prob = 0.5, .state_keep_prob = 0.5, .seed = seed});
    cell.set_training(training);
    return dynamic_rnn(cell, x, {.dtype = float64}).outputs.leaf();
  };
  CHECK(array_equal(run(1, true), run(1, true)));
  CHECK_FALSE(array_equal(run(1, true), run(2, true)));
  CHECK(array_equal(run(1, false), x));
}

TEST_CASE("gradients pass where the mask let values pass") {
  auto gru = std::make_shared<GRUCell>(3);
  Tensor x = random_tensor({2, 3, 4}, 1);
  auto run = [&](const std::vector<Tensor>& in) {
    DropoutWrapper cell(gru, {.input_keep_prob = 0.6, .output_keep_prob = 0.7, .state_keep_prob = 0.8, .seed = 5});
    auto [outputs, state] = dynamic_rnn(cell, in[0], {.dtype = float64});
    return Nest::tuple({outputs, state});
  };
  run({x});
  randomize(*gru);
  auto of_input = check_gradients(run, {x});
  CHECK_MESSAGE(of_input, of_input.to_string());
  auto of_variables = check_gradients([&] { return run({x}); }, gru->variables());
  CHECK_MESSAGE(of_variables, of_variables.to_string());
}

TEST_CASE("a dropout wrapper refuses probabilities and options that cannot be used") {
  CHECK_THROWS_AS(DropoutWrapper(GRUCell(3), {.input_keep_prob = 1.5}), ValueError);
  CHECK_THROWS_AS(DropoutWrapper(GRUCell(3), {.output_keep_prob = -0.1}), ValueError);
  CHECK_THROWS_AS(DropoutWrapper(GRUCell(3), {.variational_recurrent = true}), ValueError);
  CHECK_THROWS_AS(DropoutWrapper(GRUCell(3), {.input_keep_prob = 0.5, .variational_recurrent = true, .dtype = float32}),
                  ValueError);
  CHECK_THROWS_AS(DropoutWrapper(std::shared_ptr<RNNCell>()), TypeError);
  DropoutWrapper none(GRUCell(3), {.output_keep_prob = 0});
  CHECK_THROWS_AS(none(random_tensor({2, 3}, 1), random_state(none, 2)), ValueError);
  DropoutWrapper sized(GRUCell(3),
                       {.input_keep_prob = 0.5, .variational_recurrent = true, .input_size = 4, .dtype = float64});
  CHECK_THROWS_AS(sized(random_tensor({2, 3}, 1), random_state(sized, 2)), ValueError);
}
