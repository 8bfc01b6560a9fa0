#include "unroll/cells/ind_rnn_cell.hpp"

#include "support/cell_checks.hpp"
#include "unroll/autograd/ops/concat.hpp"

using namespace unroll;
using namespace testing;

namespace {

// The matrix with the parts of a row of k vectors on its diagonals, below another matrix: what a kernel of the dense
// cell would be.
Tensor below(const Tensor& kernel, const Tensor& diagonals) {
  Index units = kernel.shape(1), n = 3;
  Tensor wide = zeros({n, units}, float64);
  for (Index k = 0; k < units; ++k) wide.set({k % n, k}, diagonals.at<double>({0, k}));
  return concat(kernel, wide, 0);
}

}  // namespace

TEST_CASE("IndRNNCell is a BasicRNNCell with a diagonal recurrent kernel") {
  IndRNNCell cell(3);
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) ==
        Names{"ind_rnn_cell/kernel_w(4, 3)", "ind_rnn_cell/kernel_u(1, 3)", "ind_rnn_cell/bias(3,)"});
  BasicRNNCell dense(3);
  dense.build(TensorSpec{{1, 4}, float64});
  std::vector<Variable> v = cell.variables();
  dense.variables()[0].assign(below(v[0], v[1]));
  dense.variables()[1].assign(v[2]);
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(cell, 2);
  CHECK(allclose(cell(x, state).output.leaf(), dense(x, state).output.leaf(), 1e-14));
  CHECK_THROWS_AS(IndRNNCell(-1), ValueError);
}
