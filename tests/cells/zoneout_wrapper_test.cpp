#include "unroll/cells/zoneout_wrapper.hpp"

#include "support/cell_checks.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("in training each unit is the old one or the cell's, and the output is the new h") {
  auto lstm = std::make_shared<LSTMCell>(40);
  ZoneoutWrapper cell(lstm, {.zoneout_factor_cell = 0.3, .zoneout_factor_output = 0.1, .seed = 4});
  Tensor x = random_tensor({5, 2}, 1);
  Nest state = random_state(cell, 5);
  StepResult zoned = cell(x, state), plain = (*lstm)(x, state);
  CHECK(array_equal(zoned.output.leaf(), zoned.state["h"].leaf()));
  auto share_of_old = [&](const char* part) {
    const Tensor &got = zoned.state[part], &before = state[part], &after = plain.state[part];
    Index old = 0;
    for (Index k = 0; k < got.size(); ++k) {
      double v = got.data<double>()[k];
      old += v == before.data<double>()[k];
      CHECK((v == before.data<double>()[k] || v == after.data<double>()[k]));
    }
    return static_cast<double>(old) / static_cast<double>(got.size());
  };
  CHECK(share_of_old("c") == doctest::Approx(0.3).epsilon(0.3));
  CHECK(share_of_old("h") == doctest::Approx(0.1).epsilon(0.4));
}

TEST_CASE("in evaluation the state is the expectation") {
  auto gru = std::make_shared<GRUCell>(3);
  ZoneoutWrapper cell(gru, {.zoneout_factor_output = 0.25});
  cell.set_training(false);
  check_cell(cell, {2, 4});
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(cell, 2);
  Tensor expected = 0.25 * state.leaf() + 0.75 * (*gru)(x, state).state.leaf();
  CHECK(array_equal(cell(x, state).state.leaf(), expected));
  CHECK(array_equal(cell(x, state).output.leaf(), expected));
}

TEST_CASE("gradients go to the old state where it was kept") {
  auto lstm = std::make_shared<LSTMCell>(3);
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(*lstm, 2);
  auto check = check_gradients(
      [&](const std::vector<Tensor>& in) {
        ZoneoutWrapper cell(lstm, {.zoneout_factor_cell = 0.5, .zoneout_factor_output = 0.5, .seed = 8});
        StepResult step = cell(in[0], LSTMStateTuple(in[1], in[2]));
        return Nest::tuple({step.output, step.state});
      },
      {x, state["c"], state["h"]});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("zoneout refuses factors outside of 0 .. 1") {
  CHECK_THROWS_AS(ZoneoutWrapper(GRUCell(2), {.zoneout_factor_output = 1}), ValueError);
  CHECK_THROWS_AS(ZoneoutWrapper(GRUCell(2), {.zoneout_factor_cell = -0.1}), ValueError);
  CHECK_THROWS_AS(ZoneoutWrapper(std::shared_ptr<RNNCell>()), TypeError);
}
