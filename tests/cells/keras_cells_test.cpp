#include "support/cell_checks.hpp"
#include "unroll/cells/keras/gru_cell.hpp"
#include "unroll/cells/keras/layer_norm_lstm_cell.hpp"
#include "unroll/cells/keras/layer_norm_simple_rnn_cell.hpp"
#include "unroll/cells/keras/peephole_lstm_cell.hpp"
#include "unroll/cells/keras/simple_rnn_cell.hpp"
#include "unroll/cells/keras/stacked_rnn_cells.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("Keras cells keep what a cell promises") {
  keras::SimpleRNNCell simple(3, {.activation = "softsign"});
  check_cell(simple, {2, 4});
  CHECK(variable_names(simple) ==
        Names{"simple_rnn_cell/kernel(4, 3)", "simple_rnn_cell/recurrent_kernel(3, 3)", "simple_rnn_cell/bias(3,)"});
  keras::LSTMCell lstm(3, {.use_bias = false});
  check_cell(lstm, {2, 4});
  CHECK(variable_names(lstm) == Names{"lstm_cell/kernel(4, 12)", "lstm_cell/recurrent_kernel(3, 12)"});
  for (bool reset_after : {true, false}) {
    keras::GRUCell gru(3, {.reset_after = reset_after});
    check_cell(gru, {2, 4});
    CHECK(variable_names(gru)[2] == (reset_after ? "gru_cell/bias(2, 9)" : "gru_cell/bias(9,)"));
  }
  keras::StackedRNNCells stack({std::make_shared<keras::GRUCell>(2), std::make_shared<keras::SimpleRNNCell>(3)});
  check_cell(stack, {2, 4});
  CHECK(variable_names(stack)[3] == "stacked_rnn_cells/simple_rnn_cell/kernel(2, 3)");
}

TEST_CASE("the cells of tensorflow-addons keep what a cell promises") {
  keras::PeepholeLSTMCell peephole(3);
  check_cell(peephole, {2, 4});
  CHECK(variable_names(peephole)[3] == "peephole_lstm_cell/input_gate_peephole_weights(3,)");
  keras::LayerNormLSTMCell lstm(3);
  check_cell(lstm, {2, 4});
  CHECK(variable_names(lstm)[3] == "layer_norm_lstm_cell/kernel_norm/gamma(12,)");
  CHECK(variable_names(lstm)[8] == "layer_norm_lstm_cell/state_norm/beta(3,)");
  keras::LayerNormSimpleRNNCell simple(4);
  check_cell(simple, {2, 3});
  CHECK(variable_names(simple)[3] == "layer_norm_simple_rnn_cell/gamma(4,)");
}

TEST_CASE("Keras cells refuse states that do not fit") {
  keras::LSTMCell cell(3);
  Tensor x = random_tensor({2, 4}, 1), h = random_tensor({2, 3}, 2);
  CHECK_THROWS_AS(cell(x, h), ValueError);
  CHECK_THROWS_AS(cell(x, Nest::tuple({h})), ValueError);
  CHECK_THROWS_AS(cell(x, Nest::tuple({h, random_tensor({2, 4}, 2)})), ValueError);
  CHECK_NOTHROW(cell(x, Nest::tuple({h, h})));
}
