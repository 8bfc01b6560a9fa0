#include <doctest/doctest.h>

#include <cmath>

#include "support/cells.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using namespace testing;

namespace {

std::vector<std::string> names(const Module& module) {
  std::vector<std::string> all;
  for (const Variable& v : module.variables()) all.push_back(v.name() + to_string(v.shape()));
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("class names turn into layer names as TensorFlow turns them") {
  const std::pair<const char*, const char*> table[] = {{"LSTMCell", "lstm_cell"},
                                                       {"BasicRNNCell", "basic_rnn_cell"},
                                                       {"MultiRNNCell", "multi_rnn_cell"},
                                                       {"UGRNNCell", "ugrnn_cell"},
                                                       {"GRUBlockCellV2", "gru_block_cell_v2"},
                                                       {"LayerNormBasicLSTMCell", "layer_norm_basic_lstm_cell"},
                                                       {"Conv1DLSTMCell", "conv1dlstm_cell"},
                                                       {"Dense", "dense"}};
  for (auto [from, to] : table) CHECK(to_snake_case(from) == to);
}

TEST_CASE("variables have TensorFlow's names and shapes, in its order") {
  Tensor x = random_tensor({2, 3, 4}, 1);
  auto built = [&](RNNCell&& cell, const std::string& scope) {
    dynamic_rnn(cell, x, {.dtype = float64, .scope = scope});
    return names(cell);
  };
  CHECK(built(BasicRNNCell(2), "rnn") == Names{"rnn/basic_rnn_cell/kernel(6, 2)", "rnn/basic_rnn_cell/bias(2,)"});
  CHECK(built(GRUCell(2), "decoder") == Names{"decoder/gru_cell/gates/kernel(6, 4)", "decoder/gru_cell/gates/bias(4,)",
                                              "decoder/gru_cell/candidate/kernel(6, 2)",
                                              "decoder/gru_cell/candidate/bias(2,)"});
  CHECK(built(LSTMCell(2, {.use_peepholes = true, .num_proj = 3, .name = "memory"}), "outer/part") ==
        Names{"outer/part/memory/kernel(7, 8)", "outer/part/memory/bias(8,)", "outer/part/memory/w_f_diag(2,)",
              "outer/part/memory/w_i_diag(2,)", "outer/part/memory/w_o_diag(2,)",
              "outer/part/memory/projection/kernel(2, 3)"});
  CHECK(built(MultiRNNCell(BasicLSTMCell(2), BasicRNNCell(3)), "rnn") ==
        Names{"rnn/multi_rnn_cell/cell_0/basic_lstm_cell/kernel(6, 8)",
              "rnn/multi_rnn_cell/cell_0/basic_lstm_cell/bias(8,)",
              "rnn/multi_rnn_cell/cell_1/basic_rnn_cell/kernel(5, 3)",
              "rnn/multi_rnn_cell/cell_1/basic_rnn_cell/bias(3,)"});
}

TEST_CASE("a scope around the first call counts, later ones do not") {
  GRUCell cell(2);
  {
    VariableScope scope("model");
    dynamic_rnn(cell, random_tensor({2, 3, 4}, 1), {.dtype = float64});
  }
  std::vector<Variable> first = cell.variables();
  CHECK(first[0].name() == "model/rnn/gru_cell/gates/kernel");
  dynamic_rnn(cell, random_tensor({2, 3, 4}, 1), {.dtype = float64, .scope = "elsewhere"});
  CHECK(cell.variables() == first);
  CHECK(VariableScope::current().empty());
}

TEST_CASE("starting values are TensorFlow's: glorot kernels, zero biases, ones for the gates of a GRU") {
  GRUCell gru(40);
  gru.build(TensorSpec{{1, 30}, float64});
  auto v = gru.variables();
  auto all_equal = [](const Variable& variable, double value) {
    for (double x : variable.value().values<double>())
      if (x != value) return false;
    return true;
  };
  CHECK(all_equal(v[1], 1));
  CHECK(all_equal(v[3], 0));
  double largest = 0;
  for (double x : v[0].value().values<double>()) largest = std::max(largest, std::abs(x));
  double limit = std::sqrt(6.0 / (70 + 80));
  CHECK(largest <= limit);
  CHECK(largest > 0.99 * limit);
  LSTMCell lstm(3, {.initializer = constant_initializer(0.5)});
  lstm.build(TensorSpec{{1, 2}, float32});
  CHECK(lstm.variables()[0].value().at<float>({4, 11}) == 0.5f);
  CHECK(lstm.variables()[1].value().at<float>({5}) == 0);
}

TEST_CASE("a module counts, freezes and prints its variables, and shares them when it occurs twice") {
  auto shared = std::make_shared<BasicRNNCell>(4);
  MultiRNNCell stack(std::vector<std::shared_ptr<RNNCell>>{shared, shared});
  stack.build(TensorSpec{{1, 4}, float32});
  CHECK(stack.variables().size() == 2);
  CHECK(stack.parameter_count() == 8 * 4 + 4);
  std::string summary = stack.summary();
  CHECK(summary.find("multi_rnn_cell/cell_0/basic_rnn_cell/kernel") != std::string::npos);
  CHECK(summary.find("(8, 4)") != std::string::npos);
  CHECK(summary.find("36") != std::string::npos);
  stack.freeze();
  CHECK(stack.trainable_variables().empty());
  CHECK(stack.summary().find("frozen") != std::string::npos);
  GradientTape tape;
  auto [output, state] = stack(random_tensor({2, 4}, 1, 1, float32), stack.zero_state(2, float32));
  CHECK_FALSE(tape.gradient(output, stack.variables()[0]).defined());
  stack.set_trainable(true);
  CHECK(stack.trainable_variables().size() == 2);
}
