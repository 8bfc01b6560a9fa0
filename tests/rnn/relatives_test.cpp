#include <doctest/doctest.h>

#include "support/cells.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reverse.hpp"
#include "unroll/rnn/bidirectional.hpp"
#include "unroll/rnn/stack_bidirectional.hpp"
#include "unroll/rnn/static_bidirectional.hpp"
#include "unroll/rnn/static_state_saving.hpp"

using namespace unroll;
using namespace testing;

namespace {

const Tensor lengths{3, 0, 5, 2};

// (batch, time, depth) as a list of steps.
std::vector<Nest> steps_of(const Tensor& x) {
  std::vector<Tensor> steps = unstack(x, 1);
  return {steps.begin(), steps.end()};
}

struct MapSaver : StateSaver {
  std::vector<std::pair<std::string, Tensor>> saved;
  Tensor state(const std::string& name) override {
    for (auto& [key, value] : saved)
      if (key == name) return value;
    throw LookupError("no state " + name);
  }
  void save_state(const std::string& name, const Tensor& value) override {
    for (auto& [key, old] : saved)
      if (key == name) old = value;
  }
};

}  // namespace

TEST_CASE("time_reversed reads each row from its last step, and outputs stand where they were read") {
  LSTMCell cell(3);
  Tensor x = random_tensor({4, 5, 2}, 1);
  auto run = [&](const Tensor& in, bool reversed) {
    return dynamic_rnn(cell, in, {.sequence_length = lengths, .dtype = float64, .time_reversed = reversed});
  };
  auto [outputs, state] = run(x, true);
  auto [forwards, same_state] = run(reverse_sequence(x, lengths, 1), false);
  CHECK(array_equal(outputs.leaf(), reverse_sequence(forwards, lengths, 1)));
  CHECK(array_equal(state["c"].leaf(), same_state["c"].leaf()));
}

TEST_CASE("bidirectional_dynamic_rnn is two runs, one of them reversed, that share nothing") {
  LSTMCell fw(3);
  GRUCell bw(2);
  Tensor x = random_tensor({4, 5, 2}, 1);
  Nest given = random_state(bw, 4);
  auto [outputs, states] =
      bidirectional_dynamic_rnn(fw, bw, x, {.sequence_length = lengths, .initial_state_bw = given, .dtype = float64});
  auto forwards = dynamic_rnn(fw, x, {.sequence_length = lengths, .dtype = float64});
  auto backwards = dynamic_rnn(bw, x, {.sequence_length = lengths, .initial_state = given, .time_reversed = true});
  CHECK(array_equal(outputs[0].leaf(), forwards.outputs.leaf()));
  CHECK(array_equal(outputs[1].leaf(), backwards.outputs.leaf()));
  CHECK(array_equal(states[0]["c"].leaf(), forwards.state["c"].leaf()));
  CHECK(array_equal(states[1].leaf(), backwards.state.leaf()));
  CHECK(fw.variables()[0].name() == "bidirectional_rnn/fw/lstm_cell/kernel");
  CHECK(bw.variables()[0].name() == "bidirectional_rnn/bw/gru_cell/gates/kernel");
}

TEST_CASE("both directions are differentiable, with no lengths and no steps, too") {
  LSTMCell fw(2);
  GRUCell bw(2);
  for (const Tensor& n : {Tensor(), Tensor{2, 3, 0}}) {
    auto run = [&](const std::vector<Tensor>& in) {
      auto [outputs, states] = bidirectional_dynamic_rnn(fw, bw, in[0], {.sequence_length = n, .dtype = float64});
      return Nest::tuple({outputs, states});
    };
    auto check = check_gradients(run, {random_tensor({3, 3, 2}, 1)});
    CHECK_MESSAGE(check, check.to_string());
  }
  auto [outputs, states] = bidirectional_dynamic_rnn(fw, bw, random_tensor({3, 0, 2}, 1), {.dtype = float64});
  CHECK(outputs[1].leaf().shape() == Shape{3, 0, 2});
}

TEST_CASE("one cell in both directions shares its variables") {
  GRUCell cell(3);
  bidirectional_dynamic_rnn(cell, cell, random_tensor({2, 3, 4}, 1), {.dtype = float64});
  CHECK(cell.variables()[0].name() == "bidirectional_rnn/fw/gru_cell/gates/kernel");
  CHECK(cell.variables().size() == 4);
}

TEST_CASE("stacked bidirectional layers read the joined outputs of the one before") {
  Cells fw{std::make_shared<GRUCell>(2), std::make_shared<LSTMCell>(3)};
  Cells bw{std::make_shared<BasicRNNCell>(3), std::make_shared<GRUCell>(4)};
  Tensor x = random_tensor({4, 5, 2}, 1);
  auto all = stack_bidirectional_dynamic_rnn(fw, bw, x, {.dtype = float64, .sequence_length = lengths});
  auto first = bidirectional_dynamic_rnn(*fw[0], *bw[0], x, {.sequence_length = lengths, .dtype = float64});
  auto second = bidirectional_dynamic_rnn(*fw[1], *bw[1], concat(first.outputs[0], first.outputs[1], 2),
                                          {.sequence_length = lengths, .dtype = float64});
  CHECK(array_equal(all.outputs, concat(second.outputs[0], second.outputs[1], 2)));
  CHECK(array_equal(all.states_fw[0].leaf(), first.states[0].leaf()));
  CHECK(array_equal(all.states_fw[1]["h"].leaf(), second.states[0]["h"].leaf()));
  CHECK(array_equal(all.states_bw[1].leaf(), second.states[1].leaf()));
  CHECK(fw[1]->variables()[0].name() == "stack_bidirectional_rnn/cell_1/bidirectional_rnn/fw/lstm_cell/kernel");
  CHECK(bw[0]->variables()[0].name() == "stack_bidirectional_rnn/cell_0/bidirectional_rnn/bw/basic_rnn_cell/kernel");
}

TEST_CASE("stacked bidirectional layers refuse lists that do not fit") {
  Tensor x = random_tensor({2, 3, 4}, 1);
  Cells one{std::make_shared<GRUCell>(2)}, two{std::make_shared<GRUCell>(2), std::make_shared<GRUCell>(2)};
  CHECK_THROWS_AS(stack_bidirectional_dynamic_rnn({}, one, x, {.dtype = float64}), ValueError);
  CHECK_THROWS_AS(stack_bidirectional_dynamic_rnn(one, {}, x, {.dtype = float64}), ValueError);
  CHECK_THROWS_AS(stack_bidirectional_dynamic_rnn(one, two, x, {.dtype = float64}), ValueError);
  CHECK_THROWS_AS(stack_bidirectional_dynamic_rnn({nullptr}, one, x, {.dtype = float64}), TypeError);
  CHECK_THROWS_AS(
      stack_bidirectional_dynamic_rnn(one, one, x, {.initial_states_fw = {Nest(), Nest()}, .dtype = float64}),
      ValueError);
}

TEST_CASE("static_rnn over a list of steps gives what dynamic_rnn gives over one tensor") {
  for (const Tensor& n : {Tensor(), lengths}) {
    MultiRNNCell cell(LSTMCell(3), GRUCell(2));
    Tensor x = random_tensor({4, 6, 2}, 1);
    auto [outputs, state] = static_rnn(cell, steps_of(x), {.dtype = float64, .sequence_length = n});
    auto dynamic = dynamic_rnn(cell, x, {.sequence_length = n, .dtype = float64});
    REQUIRE(outputs.size() == 6);
    CHECK(array_equal(stack(std::vector<Tensor>(outputs.begin(), outputs.end()), 1), dynamic.outputs.leaf()));
    CHECK(array_equal(state[0]["c"].leaf(), dynamic.state[0]["c"].leaf()));
    CHECK(array_equal(state[1].leaf(), dynamic.state[1].leaf()));
    CHECK(cell.variables()[0].name() == "rnn/multi_rnn_cell/cell_0/lstm_cell/kernel");
  }
}

TEST_CASE("static_bidirectional_rnn joins both directions at each step") {
  GRUCell fw(2);
  LSTMCell bw(3);
  Tensor x = random_tensor({4, 5, 2}, 1);
  auto joined = static_bidirectional_rnn(fw, bw, steps_of(x), {.dtype = float64, .sequence_length = lengths});
  auto apart = bidirectional_dynamic_rnn(fw, bw, x, {.sequence_length = lengths, .dtype = float64});
  Tensor expected = concat(apart.outputs[0], apart.outputs[1], 2);
  CHECK(array_equal(stack(std::vector<Tensor>(joined.outputs.begin(), joined.outputs.end()), 1), expected));
  CHECK(array_equal(joined.state_fw.leaf(), apart.states[0].leaf()));
  CHECK(array_equal(joined.state_bw["c"].leaf(), apart.states[1]["c"].leaf()));
}

TEST_CASE("static functions refuse steps that do not fit") {
  GRUCell cell(2);
  StaticRnnOptions options{.dtype = float64};
  Tensor x = random_tensor({2, 3}, 1);
  CHECK_THROWS_AS(static_rnn(cell, {}, options), ValueError);
  CHECK_THROWS_AS(static_rnn(cell, {x, random_tensor({3, 3}, 1)}, options), ValueError);
  CHECK_THROWS_AS(static_rnn(cell, {x, random_tensor({2, 4}, 1)}, options), ValueError);
  CHECK_THROWS_AS(static_rnn(cell, {x, Nest::tuple({x})}, options), TypeError);
  CHECK_THROWS_AS(static_rnn(cell, {Nest::dict({{"a", x}})}, options), ValueError);
  CHECK_THROWS_AS(static_rnn(cell, {Nest::tuple({})}, options), ValueError);
  CHECK_THROWS_AS(static_rnn(cell, {Nest()}, options), ValueError);
  CHECK_THROWS_AS(static_rnn(cell, {x}, {}), ValueError);
  CHECK_THROWS_AS(static_rnn(cell, {x, x}, {.dtype = float64, .sequence_length = Tensor{1, 3}}), InvalidArgumentError);
  CHECK_THROWS_AS(static_bidirectional_rnn(cell, cell, {}, {.dtype = float64}), ValueError);
}

TEST_CASE("static_state_saving_rnn goes on where it stopped") {
  LSTMCell cell(3);
  Tensor x = random_tensor({4, 6, 2}, 1);
  std::vector<Nest> steps = steps_of(x);
  Tensor zero(random_tensor({4, 3}, 1, 0));
  MapSaver saver;
  saver.saved = {{"c", zero}, {"h", zero}};
  NameNest names = NameNest::tuple({"c", "h"});
  static_state_saving_rnn(cell, {steps.begin(), steps.begin() + 4}, saver, names);
  auto rest = static_state_saving_rnn(cell, {steps.begin() + 4, steps.end()}, saver, names);
  auto whole = static_rnn(cell, steps, {.dtype = float64});
  CHECK(array_equal(rest.outputs[1].leaf(), whole.outputs[5].leaf()));
  CHECK(array_equal(saver.state("c"), whole.state["c"].leaf()));
  CHECK(array_equal(saver.state("h"), whole.state["h"].leaf()));
}

TEST_CASE("static_state_saving_rnn wants a name for each tensor, and saves nothing after an error") {
  LSTMCell cell(3);
  MapSaver saver;
  Tensor state = random_tensor({2, 3}, 4);
  saver.saved = {{"c", state}, {"h", state}};
  std::vector<Nest> steps{random_tensor({2, 2}, 1)};
  CHECK_THROWS_AS(static_state_saving_rnn(cell, steps, saver, "c"), ValueError);
  CHECK_THROWS_AS(static_state_saving_rnn(cell, steps, saver, NameNest::tuple({"c"})), ValueError);
  CHECK_THROWS_AS(static_state_saving_rnn(cell, {}, saver, NameNest::tuple({"c", "h"})), ValueError);
  CHECK(saver.state("c").is_same(state));
}
