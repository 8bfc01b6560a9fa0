// Rows that have ended.
#include <doctest/doctest.h>

#include <limits>

#include "agreement.hpp"

using namespace unroll;
using namespace testing;

namespace {

constexpr Index batch = 6, steps = 7;
const Tensor lengths{3, 0, 7, 1, 5, 5};

// NaN, and here and there an infinity, past the ends of the rows.
Tensor spoiled(const Tensor& x) {
  Tensor result = x.clone();
  Index width = x.size() / (batch * steps);
  for (Index row = 0; row < batch; ++row)
    for (Index k = lengths.at<int>({row}) * width; k < steps * width; ++k)
      result.mutable_data<double>()[row * steps * width + k] =
          k % 3 ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  return result;
}

}  // namespace

TEST_CASE("NaN in the padding of inputs, or of the gradients of outputs, reaches nothing") {
  for (const CompiledCase& c : compiled_cases()) {
    CAPTURE(c.name);
    auto cell = built_cell(c, float64);
    Nest x = random_inputs(c, batch, steps, float64), state = random_state(*cell, batch);
    auto run = [&](const Nest& inputs, bool spoils) {
      std::vector<Tensor> sources = inputs.flatten();
      for (const Tensor& t : state.flatten()) sources.push_back(t);
      for (const Variable& v : cell->variables()) sources.push_back(v);
      GradientTape tape;
      tape.watch(inputs);
      tape.watch(state);
      auto [outputs, last] = dynamic_rnn(
          *cell, inputs, {.sequence_length = lengths, .initial_state = state, .executor = Executor::compiled});
      Nest weights = outputs.map([&](const Tensor& y) {
        Tensor w = random_tensor(y.shape(), 60);
        return spoils ? spoiled(w) : w;
      });
      Everything all;
      all.add("output", outputs.flatten());
      all.add("state", last.flatten());
      all.add("gradient", tape.gradient(outputs, sources, {.output_gradients = weights}));
      return all;
    };
    CHECK(first_difference(run(x.map(spoiled), true), run(x, false), 0) == "");
  }
}

TEST_CASE("past a row's end outputs and gradients are zero, and the state goes through") {
  auto cell = layer_norm_cell(5);
  Tensor x = random_tensor({batch, steps, 3}, 1);
  Nest state = random_state(*cell, batch);
  DynamicRnnOptions options{.sequence_length = lengths, .initial_state = state, .executor = Executor::compiled};
  dynamic_rnn(*cell, x, options);
  randomize(*cell);
  GradientTape tape;
  tape.watch(x);
  tape.watch(state);
  auto result = dynamic_rnn(*cell, x, options);
  Nest g = tape.gradient(Nest::tuple({result.outputs, result.state}), Nest::tuple({x, state}));
  const Tensor& y = result.outputs;
  for (Index row = 0; row < batch; ++row)
    for (Index t = 0; t < steps; ++t) {
      bool alive = t < lengths.at<int>({row});
      for (Index k = 0; k < 5; ++k) CHECK((y.at<double>({row, t, k}) != 0) == alive);
      for (Index k = 0; k < 3; ++k) CHECK((g[0].leaf().at<double>({row, t, k}) != 0) == alive);
    }
  for (std::size_t part : {0, 1})
    for (Index k = 0; k < 5; ++k) {
      CHECK(result.state[part].leaf().at<double>({1, k}) == state[part].leaf().at<double>({1, k}));
      CHECK(g[1][part].leaf().at<double>({1, k}) == 1);
    }
}
