#include <doctest/doctest.h>

#include <limits>

#include "support/cells.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using namespace testing;

namespace {

const Tensor x = random_tensor({2, 3, 4}, 1);

// A cell that declares one thing and returns another.
class LyingCell : public RNNCell {
 public:
  enum class Lie { output_structure, output_shape, output_dtype, state_structure, state_shape, state_dtype };
  explicit LyingCell(Lie lie) : lie_(lie) {}
  std::string class_name() const override { return "LyingCell"; }
  SizeNest state_size() const override { return 4; }
  SizeNest output_size() const override { return 4; }

 private:
  StepResult call(const Nest& inputs, const Nest&) override {
    const Tensor& h = inputs;
    switch (lie_) {
      case Lie::output_structure:
        return {Nest::tuple({h}), h};
      case Lie::output_shape:
        return {concat(h, h, 1), h};
      case Lie::output_dtype:
        return {cast(h, float32), h};
      case Lie::state_structure:
        return {h, Nest::tuple({h})};
      case Lie::state_shape:
        return {h, concat(h, h, 1)};
      default:
        return {h, cast(h, float32)};
    }
  }
  Lie lie_;
};

}  // namespace

TEST_CASE("missing, empty and flat inputs are refused") {
  BasicRNNCell cell(2);
  CHECK_THROWS_WITH_AS(dynamic_rnn(cell, Tensor(), {.dtype = float64}), "dynamic_rnn: inputs is None (a null Tensor)",
                       ValueError);
  CHECK_THROWS_WITH_AS(dynamic_rnn(cell, Nest::tuple({}), {.dtype = float64}), "dynamic_rnn: inputs are empty",
                       ValueError);
  CHECK_THROWS_AS(dynamic_rnn(cell, random_tensor({2, 3}, 1), {.dtype = float64}), ValueError);
  CHECK_THROWS_AS(dynamic_rnn(cell, Tensor(1.0), {.dtype = float64}), ValueError);
}

TEST_CASE("either an initial state or a dtype is needed") {
  BasicRNNCell cell(2);
  CHECK_THROWS_WITH_AS(dynamic_rnn(cell, x), "dynamic_rnn: without initial_state a dtype must be given", ValueError);
}

TEST_CASE("lengths must be a vector of integers, one for each row, within the time") {
  BasicRNNCell cell(2);
  auto run = [&](const Tensor& lengths) { dynamic_rnn(cell, x, {.sequence_length = lengths, .dtype = float64}); };
  CHECK_THROWS_AS(run(Tensor{1.0, 2.0}), TypeError);
  CHECK_THROWS_AS(run(Tensor{1.f, std::numeric_limits<float>::quiet_NaN()}), TypeError);
  CHECK_THROWS_AS(run(Tensor{true, false}), TypeError);
  CHECK_THROWS_AS(run(Tensor(2)), ValueError);
  CHECK_THROWS_AS(run(Tensor{{1}, {2}}), ValueError);
  CHECK_THROWS_WITH_AS(run(Tensor{1, 2, 3}),
                       "dynamic_rnn: sequence_length has shape (3,), expected (2,): one length for each row",
                       ValueError);
  CHECK_THROWS_WITH_AS(run(Tensor{1, -2}), "dynamic_rnn: sequence_length of row 1 is -2, expected 0 to 3",
                       InvalidArgumentError);
  CHECK_THROWS_AS(run(Tensor({4, 1}, int64)), InvalidArgumentError);
}

TEST_CASE("parallel_iterations must not be negative") {
  BasicRNNCell cell(2);
  CHECK_THROWS_AS(dynamic_rnn(cell, x, {.dtype = float64, .parallel_iterations = -1}), TypeError);
}

TEST_CASE("the initial state must have the structure, shapes and dtype of the cell's") {
  LSTMCell cell(2);
  Tensor part = random_tensor({2, 2}, 2);
  auto run = [&](const Nest& state) { dynamic_rnn(cell, x, {.initial_state = state}); };
  CHECK_NOTHROW(run(LSTMStateTuple(part, part)));
  CHECK_THROWS_AS(run(part), TypeError);
  CHECK_THROWS_AS(run(Nest::tuple({part, part})), TypeError);
  CHECK_THROWS_AS(run(LSTMStateTuple(part, random_tensor({2, 3}, 2))), ValueError);
  CHECK_THROWS_AS(run(LSTMStateTuple(part, random_tensor({1, 2}, 2))), ValueError);
  CHECK_THROWS_AS(run(LSTMStateTuple(part, Tensor())), ValueError);
  CHECK_THROWS_AS(run(LSTMStateTuple(part, random_tensor({2, 2}, 2, 1, float32))), ValueError);
  Tensor narrow = random_tensor({2, 2}, 2, 1, float32);
  CHECK_THROWS_AS(run(LSTMStateTuple(narrow, narrow)), TypeError);
  MultiRNNCell stack(GRUCell(2), GRUCell(2));
  auto run_stack = [&](const Nest& state) { dynamic_rnn(stack, x, {.initial_state = state}); };
  CHECK_NOTHROW(run_stack(Nest::tuple({part, part})));
  CHECK_THROWS_AS(run_stack(Nest::tuple({part})), ValueError);
  CHECK_THROWS_AS(run_stack(Nest::tuple({part, part, part})), ValueError);
}

TEST_CASE("a cell that was built for one depth refuses another, and stays usable") {
  GRUCell cell(2);
  dynamic_rnn(cell, x, {.dtype = float64});
  CHECK_THROWS_WITH_AS(dynamic_rnn(cell, random_tensor({2, 3, 5}, 1), {.dtype = float64}),
                       "GRUCell: inputs has shape (2, 5), expected (batch, 4)", ValueError);
  CHECK_THROWS_AS(dynamic_rnn(cell, random_tensor({2, 3, 4}, 1, 1, float32), {.dtype = float32}), TypeError);
  CHECK_NOTHROW(dynamic_rnn(cell, x, {.dtype = float64}));
}

TEST_CASE("integer inputs and inputs of rank 4 are refused by the built-in cells") {
  BasicRNNCell cell(2);
  CHECK_THROWS_AS(dynamic_rnn(cell, zeros({2, 3, 4}, int32), {.dtype = float32}), ValueError);
  CHECK_THROWS_AS(dynamic_rnn(cell, zeros({2, 3, 4, 1}), {.dtype = float32}), ValueError);
  CHECK_THROWS_AS(dynamic_rnn(cell, Nest::tuple({x, x}), {.dtype = float64}), ValueError);
}

TEST_CASE("a cell that returns something else than it declares is found out") {
  auto run = [&](LyingCell::Lie lie) {
    LyingCell cell(lie);
    dynamic_rnn(cell, x, {.sequence_length = Tensor{3, 1}, .dtype = float64});
  };
  using Lie = LyingCell::Lie;
  CHECK_THROWS_AS(run(Lie::output_structure), TypeError);
  CHECK_THROWS_AS(run(Lie::output_shape), ValueError);
  CHECK_THROWS_AS(run(Lie::output_dtype), TypeError);
  CHECK_THROWS_AS(run(Lie::state_structure), TypeError);
  CHECK_THROWS_WITH_AS(run(Lie::state_shape), "LyingCell: its state changes shape in a step, from (2, 4) to (2, 8)",
                       ValueError);
  CHECK_THROWS_AS(run(Lie::state_dtype), TypeError);
}
