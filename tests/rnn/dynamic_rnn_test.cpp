#include "unroll/rnn/dynamic_rnn.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "support/cells.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using namespace testing;

namespace {

constexpr Index batch = 4, steps = 5, depth = 3;
const Tensor lengths{3, 0, 5, 1};

Nest all(const DynamicRnnResult& r) { return Nest::tuple({r.outputs, r.state}); }

// Step by step, row by row, from the definition.
DynamicRnnResult by_hand(RNNCell& cell, const Tensor& x, const Nest& initial_state) {
  std::vector<Nest> rows_of_state;
  Tensor outputs = zeros({batch, steps, cell.output_size().leaf()[0]}, float64);
  for (Index row = 0; row < batch; ++row) {
    Nest state = initial_state.map([&](const Tensor& t) { return t.rows_view(row, row + 1); });
    for (Index t = 0; t < lengths.at<int>({row}); ++t) {
      Tensor step({{1, depth}, float64});
      for (Index k = 0; k < depth; ++k) step.set<double>({0, k}, x.at<double>({row, t, k}));
      StepResult result = cell(step, state);
      const Tensor& y = result.output.leaf();
      for (Index k = 0; k < y.shape(1); ++k) outputs.set<double>({row, t, k}, y.at<double>({0, k}));
      state = result.state;
    }
    rows_of_state.push_back(state);
  }
  Nest final_state = initial_state.map([](const Tensor& t) { return t.clone(); });
  std::vector<Tensor> leaves = final_state.flatten();
  for (Index row = 0; row < batch; ++row) {
    std::vector<Tensor> own = rows_of_state[row].flatten();
    for (std::size_t k = 0; k < leaves.size(); ++k)
      for (Index i = 0; i < own[k].size(); ++i) leaves[k].set<double>({row, i}, own[k].data<double>()[i]);
  }
  return {outputs, final_state.pack(leaves)};
}

}  // namespace

TEST_CASE("ragged rows give what each row gives alone: zeros past the end, the last valid state") {
  for (const CellCase& c : cell_cases()) {
    CAPTURE(c.name);
    auto cell = c.make();
    Tensor x = random_tensor({batch, steps, depth}, 1);
    Nest state = random_state(*cell, batch);
    auto got = dynamic_rnn(*cell, x, {.sequence_length = lengths, .initial_state = state});
    auto want = by_hand(*cell, x, state);
    CHECK(allclose(got.outputs.leaf(), want.outputs.leaf(), 1e-12, 1e-14));
    std::vector<Tensor> a = got.state.flatten(), b = want.state.flatten();
    for (std::size_t k = 0; k < a.size(); ++k) {
      CHECK(allclose(a[k], b[k], 1e-12, 1e-14));
      CHECK(bit_equal(a[k].rows_view(1, 2), state.flatten()[k].rows_view(1, 2)));
    }
  }
}

TEST_CASE("gradients are right for inputs, initial state and variables, with and without lengths") {
  for (const CellCase& c : cell_cases())
    for (const Tensor& lengths_or_none : {lengths, Tensor()}) {
      CAPTURE(c.name);
      auto cell = c.make();
      Tensor x = random_tensor({batch, steps, depth}, 1);
      Nest state = random_state(*cell, batch);
      auto run = [&](const Tensor& inputs, const Nest& initial) {
        return all(dynamic_rnn(*cell, inputs, {.sequence_length = lengths_or_none, .initial_state = initial}));
      };
      run(x, state);
      randomize(*cell);
      std::vector<Tensor> inputs = state.flatten();
      inputs.push_back(x);
      auto of_inputs = check_gradients(
          [&](const std::vector<Tensor>& in) {
            return run(in.back(), state.pack(std::vector<Tensor>(in.begin(), in.end() - 1)));
          },
          inputs);
      CHECK_MESSAGE(of_inputs, of_inputs.to_string());
      auto of_variables = check_gradients([&] { return run(x, state); }, cell->variables());
      CHECK_MESSAGE(of_variables, of_variables.to_string());
    }
}

TEST_CASE("gradients past a row's end are exactly zero, and the state's passes through to the last valid step") {
  LSTMCell cell(2);
  Tensor x = random_tensor({batch, steps, depth}, 1);
  Nest state = random_state(cell, batch);
  GradientTape tape;
  tape.watch(x);
  tape.watch(state);
  auto result = dynamic_rnn(cell, x, {.sequence_length = lengths, .initial_state = state});
  Nest g = tape.gradient(all(result), Nest::tuple({x, state}));
  for (Index row = 0; row < batch; ++row)
    for (Index t = 0; t < steps; ++t)
      for (Index k = 0; k < depth; ++k)
        CHECK((g[0].leaf().at<double>({row, t, k}) == 0) == (t >= lengths.at<int>({row})));
  for (const char* part : {"c", "h"})
    for (Index k = 0; k < 2; ++k) CHECK(g[1][part].leaf().at<double>({1, k}) == 1);
}

TEST_CASE("NaN in the padding reaches neither results nor gradients") {
  for (const CellCase& c : cell_cases()) {
    CAPTURE(c.name);
    auto cell = c.make();
    Tensor clean = random_tensor({batch, steps, depth}, 1), dirty = clean;
    for (Index row = 0; row < batch; ++row)
      for (Index t = lengths.at<int>({row}); t < steps; ++t)
        for (Index k = 0; k < depth; ++k)
          dirty.set<double>(
              {row, t, k}, k == 1 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN());
    auto run = [&](const Tensor& x) {
      GradientTape tape;
      tape.watch(x);
      Nest result = all(dynamic_rnn(*cell, x, {.sequence_length = lengths, .dtype = float64}));
      std::vector<Tensor> sources{x};
      for (const Variable& v : cell->variables()) sources.push_back(v);
      std::vector<Tensor> values = result.flatten(), g = tape.gradient(result, sources);
      values.insert(values.end(), g.begin(), g.end());
      return values;
    };
    std::vector<Tensor> a = run(clean), b = run(dirty);
    for (std::size_t k = 0; k < a.size(); ++k) CHECK(bit_equal(a[k], b[k]));
  }
}

TEST_CASE("time-major inputs give the same, transposed") {
  GRUCell cell(3);
  Tensor x = random_tensor({batch, steps, depth}, 1);
  auto a = dynamic_rnn(cell, x, {.sequence_length = lengths, .dtype = float64});
  auto b =
      dynamic_rnn(cell, transpose(x, {1, 0, 2}), {.sequence_length = lengths, .dtype = float64, .time_major = true});
  CHECK(b.outputs.leaf().shape() == Shape{steps, batch, 3});
  CHECK(bit_equal(transpose(b.outputs, {1, 0, 2}), a.outputs));
  CHECK(bit_equal(a.state, b.state));
}

TEST_CASE("parallel_iterations and swap_memory never change a result, nor does the integer type of the lengths") {
  GRUCell cell(3);
  Tensor x = random_tensor({batch, steps, depth}, 1);
  auto a = dynamic_rnn(cell, x, {.sequence_length = lengths, .dtype = float64});
  auto b = dynamic_rnn(
      cell, x,
      {.sequence_length = Tensor(lengths, int64), .dtype = float64, .parallel_iterations = 1, .swap_memory = true});
  auto c = dynamic_rnn(cell, x, {.sequence_length = lengths, .dtype = float64, .parallel_iterations = 0});
  for (const auto& other : {b, c}) {
    CHECK(bit_equal(a.outputs, other.outputs));
    CHECK(bit_equal(a.state, other.state));
  }
}

TEST_CASE("a zero state is what a missing initial state means, and lengths of full time what missing lengths mean") {
  for (const CellCase& c : cell_cases()) {
    CAPTURE(c.name);
    auto cell = c.make();
    Tensor x = random_tensor({batch, steps, depth}, 1);
    auto a = dynamic_rnn(*cell, x, {.dtype = float64});
    auto b = dynamic_rnn(*cell, x,
                         {.sequence_length = Tensor{5, 5, 5, 5}, .initial_state = cell->zero_state(batch, float64)});
    CHECK(bit_equal(a.outputs, b.outputs));
    CHECK(bit_equal(a.state.flatten()[0], b.state.flatten()[0]));
  }
}

TEST_CASE("no time steps, no rows, and rows without steps work, gradients included") {
  for (auto sizes : {std::pair<Index, Index>{3, 0}, {0, 4}, {0, 0}, {3, 4}}) {
    const Index rows = sizes.first, time = sizes.second;
    CAPTURE(rows);
    CAPTURE(time);
    for (bool with_lengths : {false, true}) {
      if (rows == 3 && time == 4 && !with_lengths) continue;
      LSTMCell cell(2);
      Tensor x = random_tensor({rows, time, depth}, 1);
      Nest state = random_state(cell, rows);
      GradientTape tape;
      tape.watch(x);
      tape.watch(state);
      DynamicRnnOptions options{.initial_state = state};
      if (with_lengths) options.sequence_length = zeros({rows}, int32);
      auto result = dynamic_rnn(cell, x, options);
      CHECK(array_equal(result.outputs, zeros({rows, time, 2}, float64)));
      CHECK(bit_equal(result.state["c"], state["c"]));
      CHECK(bit_equal(result.state["h"], state["h"]));
      REQUIRE(cell.variables().size() == 2);
      CHECK(cell.variables()[0].name() == "rnn/lstm_cell/kernel");
      Nest sources = Nest::tuple({x, state["c"], cell.variables()[0]});
      Nest g = tape.gradient(all(result), sources, {.unconnected_gradients = Unconnected::zero});
      CHECK(array_equal(g[0], zeros({rows, time, depth}, float64)));
      CHECK(array_equal(g[1], ones({rows, 2}, float64)));
      CHECK(array_equal(g[2], zeros({5, 8}, float64)));
    }
  }
}

TEST_CASE("the same cell used twice shares its variables, and their gradients add up") {
  BasicRNNCell cell(2);
  Tensor x = random_tensor({2, 3, depth}, 1), y = random_tensor({2, 2, depth}, 2);
  auto run = [&](const Tensor& in) { return dynamic_rnn(cell, in, {.dtype = float64}).outputs.leaf(); };
  run(x);
  Variable kernel = cell.variables()[0];
  auto gradient = [&](auto&& function) {
    GradientTape tape;
    return tape.gradient(function(), kernel);
  };
  Tensor both = gradient([&] { return Nest::tuple({run(x), run(y)}); });
  Tensor apart = gradient([&] { return Nest(run(x)); }) + gradient([&] { return Nest(run(y)); });
  CHECK(cell.variables().size() == 2);
  CHECK(allclose(both, apart, 1e-12, 1e-14));
}
