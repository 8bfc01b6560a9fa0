#include "unroll/cells/nas_cell.hpp"

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

TEST_CASE("NASCell has TensorFlow's numbers") {
  NASCell cell(6, {.initializer = constant_initializer(0.5)});
  StepResult step = cell(rows(), LSTMStateTuple(tenths(6), tenths(6)));
  CHECK(allclose(column(step.output), Tensor{{0.576751}, {0.618936}, {0.627393}}, 0, 1e-6));
  CHECK(allclose(column(step.state["c"]), Tensor{{0.71579772}, {0.78041625}, {0.79457647}}, 1e-6));
  NASCell projecting(6, {.num_proj = 5, .initializer = constant_initializer(0.5)});
  step = projecting(rows(), LSTMStateTuple(tenths(6), tenths(5)));
  CHECK(allclose(column(step.output), Tensor{{1.697418}, {1.840037}, {1.873985}}, 0, 1e-6));
  CHECK(allclose(column(step.state["c"]), Tensor{{0.69855207}, {0.77073824}, {0.78973997}}, 1e-6));
}

TEST_CASE("NASCell keeps what a cell promises") {
  NASCell cell(3, {.num_proj = 2, .use_bias = true});
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) == Names{"nas_cell/recurrent_kernel(2, 24)", "nas_cell/kernel(4, 24)",
                                      "nas_cell/bias(24,)", "nas_cell/projection_weights(3, 2)"});
  CHECK_THROWS_AS(NASCell(2, {.num_proj = 0}), ValueError);
  CHECK_THROWS_AS(NASCell(-2), ValueError);
}
