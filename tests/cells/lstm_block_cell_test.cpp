#include "unroll/cells/lstm_block_cell.hpp"

#include <cmath>

#include "support/cell_checks.hpp"
#include "unroll/autograd/tape.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("LSTMBlockCell has TensorFlow's numbers and the names of an LSTMCell") {
  LSTMBlockCell cell(2, {.use_peephole = true});
  Tensor tenth = full({1, 2}, 0.1, float64);
  cell(Tensor{{1.0, 1.0}}, LSTMStateTuple(tenth, tenth));
  CHECK(variable_names(cell) == Names{"lstm_cell/kernel(4, 8)", "lstm_cell/bias(8,)", "lstm_cell/w_i_diag(2,)",
                                      "lstm_cell/w_f_diag(2,)", "lstm_cell/w_o_diag(2,)"});
  LSTMBlockCell plain(2);
  plain.build(TensorSpec{{1, 2}, float64});
  plain.variables()[0].assign(full({4, 8}, 0.5, float64));
  StepResult step = plain(Tensor{{1.0, 1.0}}, LSTMStateTuple(tenth, tenth));
  CHECK(allclose(step.state["c"].leaf(), full({1, 2}, 0.68967271, float64), 1e-6));
  CHECK(allclose(step.output.leaf(), full({1, 2}, 0.44848421, float64), 1e-6));
}

TEST_CASE("LSTMBlockCell keeps what a cell promises") {
  LSTMBlockCell cell(3, {.forget_bias = 0.4, .use_peephole = true});
  check_cell(cell, {2, 4});
  CHECK_THROWS_AS(LSTMBlockCell(-1), ValueError);
}

TEST_CASE("LSTMBlockCell clips only above 0, and gradients pass the clip") {
  Tensor x = random_tensor({2, 4}, 1);
  auto run = [&](std::optional<double> clip) {
    LSTMBlockCell cell(3, {.cell_clip = clip});
    Nest state = random_state(cell, 2);
    cell(x, state);
    randomize(cell, 100, 2);
    GradientTape tape;
    tape.watch(state["c"].leaf());
    StepResult step = cell(x, state);
    return std::pair(step.state["c"].leaf(), tape.gradient(step.state["c"], state["c"].leaf()));
  };
  auto [free, gradient] = run({});
  CHECK(array_equal(run(0.0).first, free));
  auto [clipped, through] = run(0.05);
  for (double v : clipped.values<double>()) CHECK(std::abs(v) <= 0.05 + 1e-12);
  CHECK_FALSE(array_equal(clipped, free));
  CHECK(allclose(through, gradient, 1e-12));
}
