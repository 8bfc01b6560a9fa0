#include "unroll/cells/residual_wrapper.hpp"

#include "support/cell_checks.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/cells/device_wrapper.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("a residual wrapper adds the inputs to the outputs and leaves state and names alone") {
  auto gru = std::make_shared<GRUCell>(3);
  ResidualWrapper cell(gru);
  check_cell(cell, {2, 3});
  CHECK(variable_names(cell)[0] == "gru_cell/gates/kernel(6, 6)");
  Tensor x = random_tensor({2, 3}, 7);
  Nest state = random_state(cell, 2);
  StepResult wrapped = cell(x, state), plain = (*gru)(x, state);
  CHECK(array_equal(wrapped.output.leaf(), x + plain.output.leaf()));
  CHECK(array_equal(wrapped.state.leaf(), plain.state.leaf()));
}

TEST_CASE("TensorFlow's numbers: a GRU with all weights a half, and a residual around it") {
  GRUCell gru(3, {.kernel_initializer = constant_initializer(0.5), .bias_initializer = constant_initializer(0.5)});
  ResidualWrapper cell(std::move(gru));
  StepResult step = cell(Tensor({{1, 1, 1}}, float64), Tensor({{0.1, 0.1, 0.1}}));
  CHECK(allclose(step.output.leaf(), Tensor({{1.191017167, 1.191017167, 1.191017167}}), 1e-9));
}

TEST_CASE("a residual function of one's own may take a slice of wider inputs") {
  ResidualWrapper cell(GRUCell(2), {.residual_fn = [](const Tensor& x, const Tensor& y) {
                         return slice(x, {0, 0}, {-1, y.shape(1)}) + y;
                       }});
  check_cell(cell, {3, 5});
}

TEST_CASE("a residual wrapper broadcasts nothing and adds equal structures only") {
  ResidualWrapper cell(GRUCell(3));
  CHECK_THROWS_AS(cell(random_tensor({2, 2}, 1), random_state(cell, 2)), ValueError);
  ResidualWrapper narrow(GRUCell(3));
  CHECK_THROWS_WITH_AS(narrow(random_tensor({2, 1}, 1), random_state(narrow, 2)),
                       "ResidualWrapper: inputs has shape (2, 1), the cell's output (2, 3); expected equal shapes",
                       ValueError);
  CHECK_THROWS_AS(ResidualWrapper(std::shared_ptr<RNNCell>()), TypeError);
}

TEST_CASE("wrappers in a stack add nothing to the names of variables") {
  MultiRNNCell stack(LSTMCell(2), ResidualWrapper(DeviceWrapper(GRUCell(2), "/gpu:1")));
  stack.build(TensorSpec{{1, 3}, float32});
  CHECK(variable_names(stack)[2] == "multi_rnn_cell/cell_1/gru_cell/gates/kernel(4, 4)");
}

TEST_CASE("a device wrapper changes nothing") {
  DeviceWrapper cell(LSTMCell(2), "/cpu:0");
  check_cell(cell, {2, 3});
  Tensor x = random_tensor({2, 3}, 7);
  Nest state = random_state(cell, 2);
  CHECK(array_equal(cell(x, state).output.leaf(), (*cell.wrapped_cell())(x, state).output.leaf()));
  CHECK_THROWS_AS(DeviceWrapper(std::shared_ptr<RNNCell>(), "/cpu:0"), TypeError);
}
