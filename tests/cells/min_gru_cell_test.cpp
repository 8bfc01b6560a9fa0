#include "unroll/cells/min_gru_cell.hpp"

#include <cmath>

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("MinGRUCell interpolates between its state and a candidate of the inputs alone") {
  MinGRUCell cell(2);
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) == Names{"min_gru_cell/kernel(4, 4)", "min_gru_cell/bias(4,)"});
  MinGRUCell one(1);
  one.build(TensorSpec{{1, 1}, float64});
  one.variables()[0].assign(Tensor{{0.7, -1.3}});
  one.variables()[1].assign(Tensor{0.2, 0.4});
  double x = 0.9, h = -0.4, z = 1 / (1 + std::exp(-(0.7 * x + 0.2))), c = -1.3 * x + 0.4;
  CHECK(one(Tensor{{x}}, Tensor{{h}}).output.leaf().item<double>() == doctest::Approx((1 - z) * h + z * c));
  CHECK_THROWS_AS(MinGRUCell(-1), ValueError);
}
