// Cells that cannot be compiled: automatic runs them eagerly, explain says why, and compiled is an error.
#include <doctest/doctest.h>

#include "agreement.hpp"
#include "unroll/autograd/ops/convolution.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/cells/conv_lstm_cell.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using namespace testing;

namespace {

struct EagerCase : CompiledCase {
  std::string reason;
};

// Counts its steps in an integer that belongs to each row.
std::shared_ptr<RNNCell> integer_state_cell() {
  class Cell : public FormulaCell {
   public:
    Cell()
        : FormulaCell(SizeNest::tuple({3, Shape()}), 3, {{0, 3}, {3, 3}},
                      [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
                        Tensor h = tanh(matmul(x, p[0]) + matmul(state[0], p[1]));
                        return {h, Nest::tuple({h, state[1] + 1})};
                      }) {}
    Nest zero_state(Index batch, DType dtype) const override {
      return Nest::tuple({zeros({batch, 3}, dtype), zeros({batch}, int64)});
    }
  };
  return std::make_shared<Cell>();
}

// Its recurrent matrix fades from step to step, by a factor that is a state without a batch dimension.
std::shared_ptr<RNNCell> fading_parameter_cell() {
  class Cell : public FormulaCell {
   public:
    Cell()
        : FormulaCell(SizeNest::tuple({3, Shape()}), 3, {{0, 3}, {3, 3}},
                      [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
                        Tensor h = tanh(matmul(x, p[0]) + matmul(state[0], p[1] * state[1]));
                        return {h, Nest::tuple({h, state[1] * 0.9})};
                      }) {}
    Nest zero_state(Index batch, DType dtype) const override {
      return Nest::tuple({zeros({batch, 3}, dtype), ones({}, dtype)});
    }
  };
  return std::make_shared<Cell>();
}

// Attention over a memory that belongs to the cell: 4 vectors for each row.
std::shared_ptr<RNNCell> memory_cell() {
  Tensor memories = random_tensor({3, 4, 3}, 9);
  return std::make_shared<FormulaCell>(
      3, 3, std::vector<Shape>{{0, 3}, {3, 3}},
      [memories](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
        Tensor memory = memories.rows_view(0, x.leaf().shape(0));
        Tensor query = matmul(h, p[1]) + matmul(x, p[0]);
        Tensor weights = softmax(reduce_sum(memory * expand_dims(query, 1), {2}), 1);
        Tensor read = reduce_sum(memory * expand_dims(weights, 2), {1});
        Tensor next = tanh(read + query);
        return {next, next};
      });
}

// A convolution along the units.
std::shared_ptr<RNNCell> convolving_cell() {
  return std::make_shared<FormulaCell>(4, 4, std::vector<Shape>{{0, 4}, {3, 1, 1}},
                                       [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                         Tensor next =
                                             tanh(matmul(x, p[0]) + squeeze(convolution(expand_dims(h, 2), p[1]), {2}));
                                         return {next, next};
                                       });
}

std::vector<EagerCase> eager_cases() {
  std::vector<EagerCase> cases{
      {{{"integer state", integer_state_cell}}, "dynamic_rnn: inputs, outputs and states are of several dtypes"},
      {{{"a parameter that varies", fading_parameter_cell}}, "a tensor of the state has no batch dimension"},
      {{{"attention over a memory", memory_cell}}, ""},
      {{{"convolution along units", convolving_cell}}, "is not known to the compiler to work row by row"},
      {cell_case<AttentionCellWrapper>("attention wrapper", std::make_shared<GRUCell>(4), 3), "reshape: "},
      {{{"phased LSTM", [] { return std::make_shared<PhasedLSTMCell>(4); }}, SizeNest::tuple({1, 3})}, "floor: "},
      {{{"convolutional LSTM",
         [] {
           return std::make_shared<Conv1DLSTMCell>(Shape{4, 2}, 2, Shape{3});
         }},
        Shape{4, 2}},
       "not whole columns"},
  };
  return cases;
}

}  // namespace

TEST_CASE("cells that cannot be compiled run eagerly, with the same results, and explain says why") {
  for (const EagerCase& c : eager_cases())
    for (Index batch : {3, 1}) {
      CAPTURE(c.name);
      CAPTURE(batch);
      RandomGenerator before = global_generator();
      auto run = [&](Executor executor) {
        auto cell = built_cell(c, float64);
        set_global_generator(before);
        Nest x = random_inputs(c, batch, 4, float64);
        Tensor lengths = batch == 3 ? Tensor{4, 0, 2} : Tensor{3};
        DynamicRnnOptions options{.sequence_length = lengths, .dtype = float64, .executor = executor};
        auto first = dynamic_rnn(*cell, x, options), second = dynamic_rnn(*cell, x, options);
        Everything all;
        all.add("first", first.outputs.flatten());
        all.add("second", second.outputs.flatten());
        all.add("state", second.state.flatten());
        return all;
      };
      CHECK(first_difference(run(Executor::automatic), run(Executor::eager), 0) == "");
      auto cell = c.make();
      Nest x = random_inputs(c, batch, 4, float64);
      std::string said = explain(*cell, x, {.dtype = float64});
      CHECK_MESSAGE(said.starts_with("eager: "), said);
      CHECK_MESSAGE(said.find(c.reason) != std::string::npos, said);
      CHECK_THROWS_AS(dynamic_rnn(*cell, x, {.dtype = float64, .executor = Executor::compiled}), RuntimeError);
      CHECK_NOTHROW(dynamic_rnn(*cell, x, {.dtype = float64}));
    }
}

TEST_CASE("wrappers that drop nothing at inference run compiled") {
  CompiledCase cases[] = {
      cell_case<ZoneoutWrapper>("zoneout", std::make_shared<LSTMCell>(3),
                                ZoneoutWrapperOptions{.zoneout_factor_cell = 0.3, .zoneout_factor_output = 0.2}),
      cell_case<DropoutWrapper>("dropout", std::make_shared<GRUCell>(3), DropoutWrapperOptions{.input_keep_prob = 0.6}),
  };
  for (const CompiledCase& c : cases) {
    CAPTURE(c.name);
    auto cell = c.make();
    if (auto* zoneout = dynamic_cast<ZoneoutWrapper*>(cell.get())) zoneout->set_training(false);
    if (auto* dropout = dynamic_cast<DropoutWrapper*>(cell.get())) dropout->set_training(false);
    Nest x = random_inputs(c, 3, 4, float64);
    DynamicRnnOptions options{.initial_state = random_state(*cell, 3)};
    options.executor = Executor::eager;
    dynamic_rnn(*cell, x, options);
    Everything want = everything(*cell, x, options);
    options.executor = Executor::compiled;
    CHECK(first_difference(everything(*cell, x, options), want, 1e-12) == "");
  }
}
