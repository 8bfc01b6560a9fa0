#include <doctest/doctest.h>

#include "support/cells.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Dict inputs of ranks 2 and 3, a dict state with a step counter of rank 0 and one of rank 1, a tuple of outputs.
class NestedCell : public RNNCell {
 public:
  std::string class_name() const override { return "NestedCell"; }
  SizeNest state_size() const override { return SizeNest::dict({{"h", 2}, {"clock", Shape()}, {"steps", Shape()}}); }
  SizeNest output_size() const override { return SizeNest::tuple({2, Shape{2, 2}}); }
  Nest zero_state(Index batch, DType dtype) const override {
    return Nest::dict({{"h", zeros({batch, 2}, dtype)}, {"clock", zeros({}, int32)}, {"steps", zeros({batch}, int64)}});
  }

 private:
  void create(const SpecNest& inputs) override { w_ = add_variable("w", {inputs["flat"].leaf().shape[1], 2}); }
  StepResult call(const Nest& inputs, const Nest& state) override {
    const Tensor &flat = inputs["flat"], &square = inputs["square"], &h = state["h"];
    Tensor next = tanh(matmul(flat, w_) + h * 0.5);
    return {Nest::tuple({next, square * expand_dims(next, 1)}),
            Nest::dict({{"h", next}, {"clock", state["clock"] + 1}, {"steps", state["steps"] + 1}})};
  }
  Variable w_;
};

Nest inputs_of(const Tensor& flat, const Tensor& square) { return Nest::dict({{"square", square}, {"flat", flat}}); }

}  // namespace

TEST_CASE("inputs, outputs and states may be nests of several ranks and dtypes") {
  NestedCell cell;
  Tensor flat = random_tensor({3, 4, 5}, 1), square = random_tensor({3, 4, 2, 2}, 2);
  auto result = dynamic_rnn(cell, inputs_of(flat, square), {.sequence_length = Tensor{4, 0, 2}, .dtype = float64});
  CHECK(result.outputs.structure() == "(*, *)");
  CHECK(result.outputs[0].leaf().shape() == Shape{3, 4, 2});
  CHECK(result.outputs[1].leaf().shape() == Shape{3, 4, 2, 2});
  CHECK(result.state.structure() == "{clock: *, h: *, steps: *}");
  CHECK(array_equal(result.state["steps"], Tensor({4, 0, 2}, int64)));
  // A scalar belongs to no row, so no row's end holds it back.
  CHECK(array_equal(result.state["clock"], Tensor(4)));
  CHECK(array_equal(result.state["h"].leaf().rows_view(1, 2), zeros({1, 2}, float64)));
}

TEST_CASE("gradients flow through nested inputs, outputs and states") {
  NestedCell cell;
  Tensor flat = random_tensor({3, 4, 5}, 1), square = random_tensor({3, 4, 2, 2}, 2);
  auto check = check_gradients(
      [&](const std::vector<Tensor>& in) {
        auto r = dynamic_rnn(cell, inputs_of(in[0], in[1]), {.sequence_length = Tensor{4, 0, 2}, .dtype = float64});
        return Nest::tuple({r.outputs, r.state["h"]});
      },
      {flat, square});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("nested inputs must agree in batch and time, and be known") {
  NestedCell cell;
  Tensor flat = random_tensor({3, 4, 5}, 1);
  auto run = [&](const Nest& inputs) { dynamic_rnn(cell, inputs, {.dtype = float64}); };
  CHECK_THROWS_WITH_AS(
      run(inputs_of(flat, random_tensor({3, 5, 2, 2}, 2))),
      "dynamic_rnn: the time steps of all inputs must be the same: inputs['flat'] has shape (3, 4, 5), "
      "inputs['square'] has shape (3, 5, 2, 2)",
      ValueError);
  CHECK_THROWS_AS(run(inputs_of(flat, random_tensor({2, 4, 2, 2}, 2))), ValueError);
  CHECK_THROWS_AS(run(inputs_of(flat, random_tensor({3, 4}, 2))), ValueError);
  CHECK_THROWS_AS(run(inputs_of(flat, Tensor())), ValueError);
  CHECK_THROWS_AS(run(Nest::tuple({})), ValueError);
}

TEST_CASE("with a state of several dtypes the dtype of the outputs must be given") {
  NestedCell cell;
  Nest inputs = inputs_of(random_tensor({3, 4, 5}, 1), random_tensor({3, 4, 2, 2}, 2));
  Nest state = cell.zero_state(3, float64);
  CHECK_THROWS_AS(dynamic_rnn(cell, inputs, {.initial_state = state}), ValueError);
  CHECK_NOTHROW(dynamic_rnn(cell, inputs, {.initial_state = state, .dtype = float64}));
}
