#include "unroll/cells/rnn_cell.hpp"

#include <doctest/doctest.h>

#include "support/cells.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("every cell gives outputs and states of the shapes and structures it declares") {
  for (const CellCase& c : cell_cases()) {
    CAPTURE(c.name);
    auto cell = c.make();
    Nest state = random_state(*cell, 5);
    auto [output, next] = (*cell)(random_tensor({5, 4}, 1), state);
    output.assert_same_structure(c.name, "output", cell->output_size());
    CHECK(output.leaf().shape() == cell->output_size().leaf().insert(0, 5));
    CHECK(next.same_structure(state));
    std::vector<Tensor> before = state.flatten(), after = next.flatten();
    for (std::size_t k = 0; k < before.size(); ++k) CHECK(after[k].spec() == before[k].spec());
  }
}

TEST_CASE("every cell's gradients with respect to input, state and variables agree with differences") {
  for (const CellCase& c : cell_cases()) {
    CAPTURE(c.name);
    auto cell = c.make();
    Tensor x = random_tensor({3, 4}, 1);
    Nest state = random_state(*cell, 3);
    (*cell)(x, state);
    randomize(*cell);
    auto all = [](const StepResult& r) { return Nest::tuple({r.output, r.state}); };
    std::vector<Tensor> inputs = state.flatten();
    inputs.push_back(x);
    auto of_inputs = check_gradients(
        [&](const std::vector<Tensor>& in) {
          return all((*cell)(in.back(), state.pack(std::vector<Tensor>(in.begin(), in.end() - 1))));
        },
        inputs);
    CHECK_MESSAGE(of_inputs, of_inputs.to_string());
    auto of_variables = check_gradients([&] { return all((*cell)(x, state)); }, cell->variables());
    CHECK_MESSAGE(of_variables, of_variables.to_string());
    CHECK(of_variables.checked == static_cast<std::size_t>(cell->parameter_count()));
  }
}

TEST_CASE("a row's result does not depend on the other rows") {
  for (const CellCase& c : cell_cases()) {
    CAPTURE(c.name);
    auto cell = c.make();
    Tensor x = random_tensor({4, 3}, 1);
    Nest state = random_state(*cell, 4);
    auto all = (*cell)(x, state);
    for (Index row = 0; row < 4; ++row) {
      auto part = [&](const Tensor& t) { return t.rows_view(row, row + 1); };
      auto alone = (*cell)(part(x), state.map(part));
      CHECK(allclose(alone.output.leaf(), part(all.output.leaf()), 1e-14, 1e-15));
    }
  }
}

TEST_CASE("zero_state has the structure and sizes of the state") {
  for (const CellCase& c : cell_cases()) {
    CAPTURE(c.name);
    auto cell = c.make();
    Nest zero = cell->zero_state(2, float32);
    zero.assert_same_structure(c.name, "zero_state", cell->state_size());
    zero.for_each([](const Tensor& t) {
      CHECK(t.dtype() == float32);
      CHECK(array_equal(t * 1.0, t + t));
      CHECK(t.shape(0) == 2);
    });
    CHECK_THROWS_AS(cell->zero_state(-1, float32), ValueError);
  }
}

TEST_CASE("get_initial_state takes batch size and dtype from the inputs or from its arguments") {
  LSTMCell cell(3);
  Tensor inputs = random_tensor({2, 4}, 1, 1, float32);
  CHECK(cell.get_initial_state({.inputs = inputs})["c"].leaf().spec() == TensorSpec{{2, 3}, float32});
  CHECK(cell.get_initial_state({.batch_size = 5, .dtype = float64})["h"].leaf().spec() == TensorSpec{{5, 3}, float64});
  CHECK_THROWS_AS(cell.get_initial_state({}), ValueError);
  CHECK_THROWS_AS(cell.get_initial_state({.batch_size = 5}), ValueError);
  CHECK_THROWS_AS(cell.get_initial_state({.inputs = inputs, .batch_size = 5}), ValueError);
  CHECK_THROWS_AS(cell.get_initial_state({.inputs = inputs, .dtype = float64}), ValueError);
}

TEST_CASE("cells refuse inputs and states that do not fit, and say what they expected") {
  LSTMCell cell(3);
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(cell, 2);
  cell(x, state);
  CHECK_THROWS_WITH_AS(cell(random_tensor({2, 5}, 1), state), "LSTMCell: inputs has shape (2, 5), expected (batch, 4)",
                       ValueError);
  CHECK_THROWS_AS(cell(random_tensor({4}, 1), state), ValueError);
  CHECK_THROWS_AS(cell(random_tensor({2, 4, 1}, 1), state), ValueError);
  CHECK_THROWS_AS(cell(Nest::tuple({x, x}), state), ValueError);
  CHECK_THROWS_AS(cell(Tensor({{1, 2, 3, 4}, {1, 2, 3, 4}}), state), ValueError);
  CHECK_THROWS_AS(cell(Tensor(), state), ValueError);
  CHECK_THROWS_WITH_AS(cell(random_tensor({2, 4}, 1, 1, float32), state),
                       "LSTMCell: inputs are float32, the variables of the cell float64", TypeError);
  CHECK_THROWS_WITH_AS(cell(random_tensor({3, 4}, 1), state), "LSTMCell: state has shape (2, 3), expected (3, 3)",
                       ValueError);
  CHECK_THROWS_AS(cell(x, x), TypeError);
  CHECK_THROWS_AS(cell(x, Nest::tuple({state["c"]})), ValueError);
  CHECK_THROWS_AS(cell(x, Nest::tuple({state["c"], random_tensor({2, 4}, 1)})), ValueError);
  CHECK_THROWS_AS(cell(x, Nest::tuple({state["c"], random_tensor({2, 3}, 1, 1, float32)})), TypeError);
  CHECK_NOTHROW(cell(x, Nest::tuple({state["c"], state["h"]})));
}

TEST_CASE("a failed first call leaves the cell unbuilt and usable") {
  GRUCell cell(3);
  CHECK_THROWS_AS(cell(Tensor({{1, 2}}), random_state(cell, 1)), ValueError);
  CHECK_FALSE(cell.built());
  CHECK(cell.variables().empty());
  CHECK_NOTHROW(cell(random_tensor({1, 2}, 1), random_state(cell, 1)));
  CHECK(cell.variables().size() == 4);
}

TEST_CASE("constructors refuse arguments that no call could use") {
  CHECK_THROWS_AS(BasicRNNCell(-1), ValueError);
  CHECK_THROWS_AS(LSTMCell(3, {.cell_clip = -0.5}), ValueError);
  CHECK_THROWS_AS(LSTMCell(3, {.num_proj = 0}), ValueError);
  CHECK_THROWS_AS(BasicRNNCell(3, {.activation = "no such thing"}), ValueError);
  CHECK_THROWS_AS(GRUCell(3, {.dtype = int32}), ValueError);
  CHECK_THROWS_AS(MultiRNNCell(std::vector<std::shared_ptr<RNNCell>>{}), ValueError);
  CHECK_THROWS_AS(MultiRNNCell(std::vector<std::shared_ptr<RNNCell>>{nullptr}), TypeError);
  std::vector<std::shared_ptr<RNNCell>> tuple_state{std::make_shared<LSTMCell>(2)};
  CHECK_THROWS_AS(MultiRNNCell(tuple_state, {.state_is_tuple = false}), ValueError);
}

TEST_CASE("a stack refuses a state with too few or too many members") {
  MultiRNNCell stack(GRUCell(2), GRUCell(3));
  Tensor x = random_tensor({2, 4}, 1);
  Nest s = random_state(stack, 2);
  CHECK_NOTHROW(stack(x, s));
  CHECK_THROWS_AS(stack(x, s[0].leaf()), ValueError);
  CHECK_THROWS_AS(stack(x, Nest::tuple({s[0]})), ValueError);
  CHECK_THROWS_AS(stack(x, Nest::tuple({s[0], s[1], s[1]})), ValueError);
}
