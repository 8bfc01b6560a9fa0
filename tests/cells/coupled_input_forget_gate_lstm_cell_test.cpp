#include "unroll/cells/coupled_input_forget_gate_lstm_cell.hpp"

#include "support/cell_checks.hpp"
#include "unroll/autograd/ops/slice.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Inputs of four units, the rows all 1, 2 and 3.
Tensor rows() { return Tensor({{1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}, float64); }
Tensor tenths(Index units) { return full({3, units}, 0.1, float64); }
Tensor column(const Tensor& x) { return slice_axis(x, 1, 0, 1); }

}  // namespace

TEST_CASE("CoupledInputForgetGateLSTMCell has TensorFlow's names and numbers") {
  CoupledInputForgetGateLSTMCell cell(2, {.initializer = constant_initializer(0.5), .state_is_tuple = false});
  StepResult step = cell(rows(), tenths(4));
  CHECK(allclose(column(step.output), Tensor{{0.121753}, {0.103349}, {0.100178}}, 0, 1e-6));
  CHECK(allclose(column(step.state), Tensor{{0.137523}, {0.105450}, {0.100742}}, 0, 1e-6));
}

TEST_CASE("CoupledInputForgetGateLSTMCell creates its variables in TensorFlow's order") {
  CoupledInputForgetGateLSTMCell cell(2, {.use_peepholes = true, .num_proj = 3, .layer_norm = true, .name = "cell"});
  cell.build(TensorSpec{{1, 4}, float64});
  CHECK(variable_names(cell) == Names{"cell/W_0(7, 6)", "cell/B(6,)", "cell/transform/gamma(2,)",
                                      "cell/transform/beta(2,)", "cell/forget/gamma(2,)", "cell/forget/beta(2,)",
                                      "cell/output/gamma(2,)", "cell/output/beta(2,)", "cell/W_F_diag(2,)",
                                      "cell/W_O_diag(2,)", "cell/state/gamma(2,)", "cell/state/beta(2,)",
                                      "cell/W_P_0(2, 3)"});
}

TEST_CASE("CoupledInputForgetGateLSTMCell keeps what a cell promises") {
  CoupledInputForgetGateLSTMCell plain(3);
  check_cell(plain, {2, 4});
  CoupledInputForgetGateLSTMCell full(3, {.use_peepholes = true, .num_proj = 2, .proj_clip = 0.4, .forget_bias = 0.3});
  check_cell(full, {2, 4});
  CoupledInputForgetGateLSTMCell normed(4, {.use_peepholes = true, .layer_norm = true});
  check_cell(normed, {2, 3});
  CHECK_THROWS_AS(CoupledInputForgetGateLSTMCell(2, {.num_proj = 0}), ValueError);
  CHECK_THROWS_AS(CoupledInputForgetGateLSTMCell(2, {.proj_clip = -1}), ValueError);
}
