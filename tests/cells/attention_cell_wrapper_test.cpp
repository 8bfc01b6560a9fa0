#include "unroll/cells/attention_cell_wrapper.hpp"

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("AttentionCellWrapper has TensorFlow's names, in its order") {
  AttentionCellWrapper cell(LSTMCell(3), 4, {.attn_size = 2, .attn_vec_size = 5, .input_size = 6});
  cell.build(TensorSpec{{1, 7}, float64});
  std::string scope = "attention_cell_wrapper/";
  CHECK(variable_names(cell) == Names{scope + "kernel(9, 6)", scope + "bias(6,)", scope + "lstm_cell/kernel(9, 12)",
                                      scope + "lstm_cell/bias(12,)", scope + "attention/attn_w(1, 1, 2, 5)",
                                      scope + "attention/attn_v(5,)", scope + "attention/kernel(6, 5)",
                                      scope + "attention/bias(5,)", scope + "attn_output_projection/kernel(5, 2)",
                                      scope + "attn_output_projection/bias(2,)"});
}

TEST_CASE("AttentionCellWrapper keeps what a cell promises, for states of either form") {
  AttentionCellWrapper tuple(LSTMCell(3), 2, {.attn_size = 2, .attn_vec_size = 4});
  check_cell(tuple, {2, 3});
  AttentionCellWrapper joined(GRUCell(2), 3, {.state_is_tuple = false});
  CHECK(joined.state_size().leaf() == Shape{2 + 2 + 6});
  check_cell(joined, {2, 3});
}

TEST_CASE("AttentionCellWrapper attends to the outputs in its window, and appends the new one") {
  AttentionCellWrapper cell(GRUCell(2), 2);
  Tensor x = random_tensor({1, 3}, 1);
  Nest state = random_state(cell, 1);
  cell(x, state);
  randomize(cell);
  for (const Variable& v : cell.variables())
    if (v.name().find("attn_v") + 1) v.assign(zeros({2}, float64));  // all scores equal: the mean of the window
  StepResult step = cell(x, state);
  const Tensor& window = state[2];
  auto at = [&](const Tensor& t, Index k) { return t.at<double>({0, k}); };
  for (Index k = 0; k < 2; ++k) {
    CHECK(at(step.state[1], k) == doctest::Approx((at(window, k) + at(window, k + 2)) / 2));
    CHECK(at(step.state[2], k) == at(window, k + 2));
    CHECK(at(step.state[2], k + 2) == at(step.output, k));
  }
}

TEST_CASE("AttentionCellWrapper gives zeros for zeros, and refuses what it cannot use") {
  AttentionCellWrapper cell(GRUCell(2), 3);
  StepResult step = cell(zeros({2, 3}, float64), cell.zero_state(2, float64));
  CHECK(array_equal(step.output.leaf(), zeros({2, 2}, float64)));
  CHECK_THROWS_WITH_AS(AttentionCellWrapper(GRUCell(2), 0),
                       "AttentionCellWrapper: attn_length should be greater than zero, it is 0", ValueError);
  CHECK_THROWS_AS(AttentionCellWrapper(LSTMCell(2), 3, {.state_is_tuple = false}), ValueError);
  CHECK_THROWS_AS(AttentionCellWrapper(std::shared_ptr<RNNCell>(), 3), TypeError);
  CHECK_THROWS_AS(cell(zeros({2, 3}, float64), zeros({2, 2}, float64)), ValueError);
}
