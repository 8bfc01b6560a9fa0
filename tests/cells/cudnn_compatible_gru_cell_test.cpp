#include "unroll/cells/cudnn_compatible_gru_cell.hpp"

#include <cmath>

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("CudnnCompatibleGRUCell keeps what a cell promises") {
  CudnnCompatibleGRUCell cell(3);
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) == Names{"cudnn_compatible_gru_cell/gates/kernel(7, 6)",
                                      "cudnn_compatible_gru_cell/gates/bias(6,)",
                                      "cudnn_compatible_gru_cell/candidate/input_projection/kernel(4, 3)",
                                      "cudnn_compatible_gru_cell/candidate/hidden_projection/kernel(3, 3)",
                                      "cudnn_compatible_gru_cell/candidate/input_projection/bias(3,)",
                                      "cudnn_compatible_gru_cell/candidate/hidden_projection/bias(3,)"});
  CHECK_THROWS_AS(CudnnCompatibleGRUCell(-1), ValueError);
}

TEST_CASE("CudnnCompatibleGRUCell resets after the product") {
  CudnnCompatibleGRUCell cell(1);
  cell.build(TensorSpec{{1, 1}, float64});
  std::vector<Variable> v = cell.variables();
  v[0].assign(Tensor{{0.5, -0.3}, {0.2, 0.7}});
  v[1].assign(Tensor{0.1, -0.2});
  v[2].assign(Tensor{{1.1}});
  v[3].assign(Tensor{{-0.8}});
  v[4].assign(Tensor{0.3});
  v[5].assign(Tensor{0.6});
  double x = 0.9, h = -0.4;
  auto sigmoid = [](double a) { return 1 / (1 + std::exp(-a)); };
  double r = sigmoid(0.5 * x + 0.2 * h + 0.1), u = sigmoid(-0.3 * x + 0.7 * h - 0.2);
  double c = std::tanh(1.1 * x + 0.3 + r * (-0.8 * h + 0.6));
  CHECK(cell(Tensor{{x}}, Tensor{{h}}).output.leaf().item<double>() == doctest::Approx(u * h + (1 - u) * c));
}
