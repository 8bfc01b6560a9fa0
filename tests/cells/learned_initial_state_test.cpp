#include "unroll/cells/learned_initial_state.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;

TEST_CASE("a learned initial state is the same for all rows, in the structure of the cell's") {
  MultiRNNCell cell(LSTMCell(2), GRUCell(3));
  LearnedInitialState start(cell, float64);
  Nest state = start(2);
  REQUIRE(state.same_structure(cell.state_size()));
  auto variables = start.variables();
  REQUIRE(variables.size() == 3);
  CHECK(variables[2].name() == "learned_initial_state/state_2");
  CHECK(array_equal(state[1].leaf(), Tensor({{0, 0, 0}, {0, 0, 0}}, float64)));
  variables[0].assign(Tensor{0.5, -1.0});
  CHECK(array_equal(start(3)[0]["c"].leaf(), Tensor{{0.5, -1.0}, {0.5, -1.0}, {0.5, -1.0}}));
  CHECK(start(0)[1].leaf().shape() == Shape{0, 3});
  CHECK_THROWS_AS(start(-1), ValueError);
}

TEST_CASE("a learned initial state has gradients, also where it meets rows of different lengths") {
  LSTMCell cell(2);
  LearnedInitialState start(cell, float64);
  start(1);
  start.variables()[0].assign(Tensor{0.5, -0.25});
  start.variables()[1].assign(Tensor{-0.75, 0.125});
  const Tensor x = numbers({3, 4, 2}, 1, float64);
  auto run = [&] {
    return dynamic_rnn(cell, x, {.sequence_length = Tensor{4, 0, 2}, .initial_state = start(3)}).outputs;
  };
  run();
  auto result = check_gradients(run, start.variables());
  CHECK_MESSAGE(result, result.to_string());
}
