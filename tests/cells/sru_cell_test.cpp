#include "unroll/cells/sru_cell.hpp"

#include "support/cell_checks.hpp"
#include "unroll/autograd/ops/slice.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("SRUCell has TensorFlow's numbers") {
  auto output = [](const Tensor& x) {
    SRUCell cell(2);
    cell.build(x.spec());
    cell.variables()[0].assign(full(cell.variables()[0].shape(), 0.5, float64));
    return cell(x, Tensor{{0.1, 0.1}}).output.leaf().at<double>({0, 1});
  };
  CHECK(output(Tensor{{1.0, 1.0}}) == doctest::Approx(0.509682).epsilon(1e-6));
  CHECK(output(Tensor{{1.0, 1.0, 1.0}}) == doctest::Approx(0.55255556).epsilon(1e-6));
}

TEST_CASE("SRUCell keeps what a cell promises; its state is c, not the output") {
  SRUCell cell(3);
  check_cell(cell, {2, 4});
  CHECK(variable_names(cell) == Names{"sru_cell/kernel(4, 12)", "sru_cell/bias(6,)"});
  StepResult step = cell(random_tensor({2, 4}, 1), random_state(cell, 2));
  CHECK_FALSE(array_equal(step.output.leaf(), step.state.leaf()));
  CHECK_THROWS_AS(SRUCell(-1), ValueError);
}
