#include "unroll/cells/intersection_rnn_cell.hpp"

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

TEST_CASE("IntersectionRNNCell has TensorFlow's names and numbers") {
  IntersectionRNNCell cell(2, {.num_in_proj = 2, .initializer = constant_initializer(0.5)});
  StepResult step = cell(rows(), tenths(2));
  CHECK(allclose(column(step.output), Tensor{{2.00431061}, {4.00060606}, {6.00008249}}, 1e-6));
  CHECK(allclose(column(step.state), Tensor{{0.13752282}, {0.10545051}, {0.10074195}}, 1e-6));
  CHECK(variable_names(cell) == Names{"intersection_rnn_cell/in_projection/kernel(4, 2)",
                                      "intersection_rnn_cell/in_projection/bias(2,)",
                                      "intersection_rnn_cell/kernel(4, 8)", "intersection_rnn_cell/bias(8,)"});
}

TEST_CASE("IntersectionRNNCell keeps what a cell promises, with and without projection") {
  IntersectionRNNCell plain(3, {.forget_bias = 0.4, .y_activation = "softsign"});
  check_cell(plain, {2, 3});
  CHECK(plain.variables().size() == 2);
  IntersectionRNNCell projecting(3, {.num_in_proj = 3, .y_activation = "tanh"});
  check_cell(projecting, {2, 5});
}

TEST_CASE("IntersectionRNNCell needs inputs of its own size") {
  IntersectionRNNCell cell(2);
  CHECK_THROWS_WITH_AS(cell(rows(), tenths(2)),
                       "IntersectionRNNCell: the depth of the inputs is 4, expected num_units = 2, or num_in_proj = 2",
                       ValueError);
  IntersectionRNNCell other(2, {.num_in_proj = 3});
  CHECK_THROWS_AS(other(rows(), tenths(2)), ValueError);
}
