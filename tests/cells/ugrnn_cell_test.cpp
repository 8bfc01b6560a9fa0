#include "unroll/cells/ugrnn_cell.hpp"

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

TEST_CASE("UGRNNCell has TensorFlow's names and numbers") {
  UGRNNCell cell(2, {.initializer = constant_initializer(0.5)});
  StepResult step = cell(rows(), tenths(2));
  CHECK(allclose(column(step.output), Tensor{{0.13752282}, {0.10545051}, {0.10074195}}, 1e-6));
  CHECK(array_equal(step.output.leaf(), step.state.leaf()));
  CHECK(variable_names(cell) == Names{"ugrnn_cell/kernel(6, 4)", "ugrnn_cell/bias(4,)"});
}

TEST_CASE("UGRNNCell keeps what a cell promises") {
  UGRNNCell cell(3, {.forget_bias = 0.4, .activation = "softsign"});
  check_cell(cell, {2, 4});
  CHECK_THROWS_AS(UGRNNCell(-1), ValueError);
}
