#include "unroll/cells/mgu_cell.hpp"

#include "support/cell_checks.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("MGUCell is a GRU whose reset gate is one minus its update gate") {
  MGUCell cell(3);
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) == Names{"mgu_cell/gate/kernel(7, 3)", "mgu_cell/gate/bias(3,)",
                                      "mgu_cell/candidate/kernel(7, 3)", "mgu_cell/candidate/bias(3,)"});
  GRUCell gru(3);
  gru.build(TensorSpec{{1, 4}, float64});
  std::vector<Variable> v = cell.variables(), g = gru.variables();
  g[0].assign(concat(v[0], -v[0].value(), 1));  // sigmoid(-a) = 1 - sigmoid(a)
  g[1].assign(concat(v[1], -v[1].value(), 0));
  g[2].assign(v[2]);
  g[3].assign(v[3]);
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(cell, 2);
  CHECK(allclose(cell(x, state).output.leaf(), gru(x, state).output.leaf(), 1e-13));
  CHECK_THROWS_AS(MGUCell(-1), ValueError);
}
