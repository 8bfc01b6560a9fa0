#include "unroll/cells/layer_norm_lstm_cell.hpp"

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("LayerNormLSTMCell without its norms is an LSTMCell") {
  LayerNormLSTMCell cell(3, {.use_peepholes = true, .cell_clip = 0.3, .num_proj = 2, .proj_clip = 0.2});
  LSTMCell reference(3, {.use_peepholes = true, .cell_clip = 0.3, .num_proj = 2, .proj_clip = 0.2});
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(cell, 2);
  cell(x, state);
  reference(x, state);
  randomize(cell);
  for (std::size_t k = 0; k < cell.variables().size(); ++k) {
    CHECK(reference.variables()[k].shape() == cell.variables()[k].shape());
    reference.variables()[k].assign(cell.variables()[k]);
  }
  CHECK(array_equal(cell(x, state).output.leaf(), reference(x, state).output.leaf()));
}

TEST_CASE("LayerNormLSTMCell normalises gates and cell state") {
  LayerNormLSTMCell cell(2, {.initializer = constant_initializer(0.5), .layer_norm = true});
  // Equal gates become zero: c' = norm(sigmoid(1) c), and what is left of two numbers is their order.
  StepResult step = cell(Tensor{{1.0, 1.0}}, LSTMStateTuple(Tensor{{0.0, 0.1}}, Tensor{{0.2, 0.3}}));
  CHECK(allclose(step.state["c"].leaf(), Tensor{{-1.0, 1.0}}, 1e-6));
  CHECK(allclose(step.output.leaf(), Tensor{{-0.38079708, 0.38079708}}, 1e-6));
}

TEST_CASE("LayerNormLSTMCell keeps what a cell promises") {
  LayerNormLSTMCell cell(4, {.use_peepholes = true, .num_proj = 3, .layer_norm = true, .norm_gain = 0.9});
  check_cell(cell, {2, 3});
  Names names = variable_names(cell);
  CHECK(names.size() == 2 + 8 + 3 + 2 + 1);
  CHECK(names[2] == "layer_norm_lstm_cell/input/gamma(4,)");
  CHECK(names[10] == "layer_norm_lstm_cell/w_f_diag(4,)");
  CHECK(names[13] == "layer_norm_lstm_cell/state/gamma(4,)");
  CHECK(names[15] == "layer_norm_lstm_cell/projection/kernel(4, 3)");
  CHECK_THROWS_AS(LayerNormLSTMCell(2, {.cell_clip = -1}), ValueError);
}
