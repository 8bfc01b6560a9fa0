#include "unroll/cells/highway_wrapper.hpp"

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("HighwayWrapper lets the cell's output through while it does not carry") {
  auto gru = std::make_shared<GRUCell>(3);
  HighwayWrapper cell(gru, {.carry_bias_init = -100});
  Tensor x = random_tensor({2, 3}, 1);
  Nest state = random_state(cell, 2);
  StepResult step = cell(x, state), plain = (*gru)(x, state);
  CHECK(allclose(step.output.leaf(), plain.output.leaf(), 1e-12));
  CHECK(array_equal(step.state.leaf(), plain.state.leaf()));
}

TEST_CASE("HighwayWrapper keeps what a cell promises, coupled or not") {
  HighwayWrapper coupled(GRUCell(3));
  check_cell(coupled, {2, 3});
  HighwayWrapper cell(LSTMCell(3), {.couple_carry_transform_gates = false, .carry_bias_init = 0.5});
  cell.build(TensorSpec{{1, 3}, float64});
  CHECK(variable_names(cell) == Names{"lstm_cell/kernel(6, 12)", "lstm_cell/bias(12,)", "carry_w(3, 3)", "carry_b(3,)",
                                      "transform_w(3, 3)", "transform_b(3,)"});
  CHECK(array_equal(cell.variables()[3].value(), full({3}, 0.5, float64)));
  CHECK(array_equal(cell.variables()[5].value(), full({3}, -0.5, float64)));
  check_cell(cell, {2, 3});
  HighwayWrapper narrow(GRUCell(3));
  CHECK_THROWS_AS(narrow(random_tensor({2, 4}, 1), random_state(narrow, 2)), ValueError);
  CHECK_THROWS_AS(HighwayWrapper(std::shared_ptr<RNNCell>()), TypeError);
}
