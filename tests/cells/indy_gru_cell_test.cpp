#include "unroll/cells/indy_gru_cell.hpp"

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

TEST_CASE("IndyGRUCell is a GRUCell with diagonal recurrent kernels") {
  IndyGRUCell cell(3);
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) == Names{"indy_gru_cell/gates/kernel_w(4, 6)", "indy_gru_cell/gates/kernel_u(1, 6)",
                                      "indy_gru_cell/gates/bias(6,)", "indy_gru_cell/candidate/kernel(4, 3)",
                                      "indy_gru_cell/candidate/kernel_u(1, 3)", "indy_gru_cell/candidate/bias(3,)"});
  GRUCell dense(3);
  dense.build(TensorSpec{{1, 4}, float64});
  std::vector<Variable> v = cell.variables(), d = dense.variables();
  d[0].assign(below(v[0], v[1]));
  d[1].assign(v[2]);
  d[2].assign(below(v[3], v[4]));
  d[3].assign(v[5]);
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(cell, 2);
  CHECK(allclose(cell(x, state).output.leaf(), dense(x, state).output.leaf(), 1e-14));
  CHECK_THROWS_AS(IndyGRUCell(-1), ValueError);
}
