#include "unroll/cells/min_lstm_cell.hpp"

#include <cmath>

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("MinLSTMCell divides its gates by their sum") {
  MinLSTMCell cell(2);
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) == Names{"min_lstm_cell/kernel(4, 6)", "min_lstm_cell/bias(6,)"});
  MinLSTMCell one(1);
  one.build(TensorSpec{{1, 1}, float64});
  one.variables()[0].assign(Tensor{{0.7, -1.3, 0.5}});
  one.variables()[1].assign(Tensor{0.2, 0.4, -0.1});
  auto sigmoid = [](double a) { return 1 / (1 + std::exp(-a)); };
  double x = 0.9, h = -0.4, f = sigmoid(0.7 * x + 0.2), i = sigmoid(-1.3 * x + 0.4), c = 0.5 * x - 0.1;
  CHECK(one(Tensor{{x}}, Tensor{{h}}).output.leaf().item<double>() == doctest::Approx((f * h + i * c) / (f + i)));
  CHECK_THROWS_AS(MinLSTMCell(-1), ValueError);
}

TEST_CASE("MinLSTMCell's gates hold for inputs of any size") {
  MinLSTMCell cell(1);
  cell.build(TensorSpec{{1, 1}, float64});
  cell.variables()[0].assign(Tensor{{1.0, 1.0, 0.0}});
  cell.variables()[1].assign(Tensor{0.0, 0.0, 1.0});
  CHECK(cell(Tensor{{-1e4}}, Tensor{{3.0}}).output.leaf().item<double>() == doctest::Approx(2));
}
