#include "unroll/cells/conv_lstm_cell.hpp"

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Rows of ones and of twos, as TensorFlow's own tests have them.
Tensor rows(const Shape& size) {
  Tensor x(TensorSpec{size.insert(0, 2), float64});
  for (Index k = 0; k < x.size(); ++k) x.mutable_data<double>()[k] = k < size.size() ? 1 : 2;
  return x;
}

void check_numbers(RNNCell& cell, const Shape& size, double weight) {
  cell.build(TensorSpec{size.insert(0, 2), float64});
  cell.variables()[0].assign(full(cell.variables()[0].shape(), weight, float64));
  StepResult step = cell(rows(size), LSTMStateTuple(rows(size), zeros(size.insert(0, 2), float64)));
  const Tensor &c = step.state["c"], &h = step.output;
  for (Index k = 0; k < c.size(); ++k) {
    bool first = k < size.size();
    CHECK(c.data<double>()[k] == doctest::Approx(first ? 1.4375670191 : 2.7542609292).epsilon(1e-9));
    CHECK(h.data<double>()[k] == doctest::Approx(first ? 0.6529865603 : 0.8736877431).epsilon(1e-9));
  }
}

}  // namespace

TEST_CASE("convolutional LSTMs have TensorFlow's numbers in one, two and three dimensions") {
  Conv1DLSTMCell one({2, 1}, 1, {3});
  check_numbers(one, {2, 1}, 0.5);
  Conv2DLSTMCell two({2, 2, 1}, 1, {3, 3});
  check_numbers(two, {2, 2, 1}, 0.25);
  Conv3DLSTMCell three({2, 2, 2, 1}, 1, {3, 3, 3});
  check_numbers(three, {2, 2, 2, 1}, 0.125);
}

TEST_CASE("convolutional LSTMs keep what a cell promises") {
  Conv1DLSTMCell one({3, 2}, 2, {3}, {.forget_bias = 0.4});
  check_cell(one, {2, 3, 2});
  CHECK(variable_names(one) == Names{"conv_1d_lstm_cell/kernel(3, 4, 8)", "conv_1d_lstm_cell/biases(8,)"});
  ConvLSTMCell two({2, 3, 1}, 2, {2, 3}, {.use_bias = false});
  check_cell(two, {2, 2, 3, 1});
  CHECK(variable_names(two) == Names{"conv_lstm_cell/kernel(2, 3, 3, 8)"});
}

TEST_CASE("convolutional LSTMs refuse shapes that do not fit") {
  CHECK_THROWS_AS(Conv1DLSTMCell({3, 3, 1}, 1, {3, 3}), ValueError);
  CHECK_THROWS_AS(Conv2DLSTMCell({3, 3, 1}, 1, {3}), ValueError);
  CHECK_THROWS_AS(ConvLSTMCell({3, 1}, 0, {3}), ValueError);
  Conv1DLSTMCell cell({3, 1}, 2, {3});
  Nest state = random_state(cell, 2);
  CHECK_THROWS_AS(cell(random_tensor({2, 4, 1}, 1), state), ValueError);
  cell(random_tensor({2, 3, 1}, 1), state);
  CHECK_THROWS_AS(cell(random_tensor({3, 3, 1}, 1), state), ValueError);
  CHECK_THROWS_AS(cell(random_tensor({2, 3, 1}, 1, 1, float32), state), TypeError);
}
