// Cells whose steps cannot be lowered: they run compiled all the same, op by op, and give what they give eagerly.
#include <doctest/doctest.h>

#include "agreement.hpp"
#include "own_ops_cases.hpp"
#include "support/use_threads.hpp"
#include "unroll/cells/dropout_wrapper.hpp"

using namespace unroll;
using namespace testing;

namespace {

struct Case {
  std::shared_ptr<RNNCell> cell;
  Nest inputs;
  DynamicRnnOptions options;
  std::vector<Tensor> captured;

  Case(const OwnOpsCase& c, Index batch, Index time, const Tensor& lengths, bool time_major, DType dtype) {
    if (c.captured) captured.push_back(c.captured(batch, dtype));
    cell = c.make(captured.empty() ? Tensor() : captured[0]);
    Shape front = time_major ? Shape{time, batch} : Shape{batch, time};
    std::uint64_t stream = 1;
    inputs = c.input.map([&](const Shape& size) { return random_tensor(front + size, stream++, 1, dtype); });
    options = {.sequence_length = lengths,
               .initial_state = c.state ? c.state(*cell, batch, dtype) : random_state(*cell, batch, 50, dtype),
               .dtype = dtype,
               .time_major = time_major};
    run(Executor::eager);
    randomize(*cell);
  }
  DynamicRnnResult run(Executor executor) {
    options.executor = executor;
    return dynamic_rnn(*cell, inputs, options);
  }
  Everything all(Executor executor) {
    options.executor = executor;
    return everything(*cell, inputs, options, captured);
  }
};

}  // namespace
TEST_CASE("steps of ops that cannot be lowered run compiled and give what they give eagerly, with all gradients") {
  struct Layout {
    Index batch, time;
    Tensor lengths;
  };
  const Layout layouts[] = {{3, 4, {}}, {1, 3, {}}, {5, 6, Tensor{3, 0, 6, 1, 5}}, {1, 4, Tensor{2}}};
  for (const OwnOpsCase& c : own_ops_cases())
    for (DType dtype : {float64, float32})
      for (const Layout& l : layouts)
        for (bool time_major : {false, true}) {
          CAPTURE(c.name);
          CAPTURE(dtype);
          CAPTURE(l.batch);
          CAPTURE(l.time);
          CAPTURE(time_major);
          Case of(c, l.batch, l.time, l.lengths, time_major, dtype);
          of.options.executor = Executor::automatic;
          std::string said = explain(*of.cell, of.inputs, of.options);
          CHECK_MESSAGE(said.starts_with("compiled"), said);
          Everything want = of.all(Executor::eager);
          CHECK(first_difference(of.all(Executor::compiled), want, dtype == float64 ? 1e-12 : 1e-5) == "");
        }
}

TEST_CASE("without a tape such cells give the same bits, for any number of threads and in reverse") {
  for (const OwnOpsCase& c : own_ops_cases())
    for (bool reversed : {false, true}) {
      CAPTURE(c.name);
      CAPTURE(reversed);
      Case of(c, 5, 6, Tensor{3, 0, 6, 1, 5}, false, float32);
      of.options.time_reversed = reversed;
      Everything want = of.all(Executor::compiled);
      auto without_gradients = [&](Executor executor) {
        auto [outputs, state] = of.run(executor);
        Everything all;
        all.add("output", outputs.flatten());
        all.add("final state", state.flatten());
        return all;
      };
      Everything alone = without_gradients(Executor::compiled), first = want;
      first.names.resize(alone.names.size());
      first.values.resize(alone.names.size());
      CHECK(first_difference(alone, first, 0) == "");
      CHECK(first_difference(alone, without_gradients(Executor::eager), 1e-5) == "");
      for (int threads : {1, 2, 3}) {
        UseThreads use(threads);
        CHECK(first_difference(of.all(Executor::compiled), want, 0) == "");
      }
    }
}

TEST_CASE("outputs may be integers") {
  auto cell = formula_cell(Shape(), 2, {}, [](const Nest& x, const Nest& state, const std::vector<Variable>&) {
    Tensor next = state.leaf() + cast(reduce_sum(x.leaf(), {1}), int64);
    return StepResult{stack({next, next * next}, 1), next};
  })({});
  Tensor x = random_tensor({3, 4, 2}, 1, 3);
  DynamicRnnOptions options{.initial_state = Tensor({3}, {1, 2, 3}), .dtype = int64};
  options.initial_state = cast(options.initial_state.leaf(), int64);
  options.executor = Executor::eager;
  auto want = dynamic_rnn(*cell, x, options);
  options.executor = Executor::compiled;
  auto got = dynamic_rnn(*cell, x, options);
  CHECK(bit_equal(got.outputs, want.outputs));
  CHECK(bit_equal(got.state, want.state));
}

TEST_CASE("explain shows the ops of a step that cannot be lowered, and why it cannot") {
  FormulaCell cell(2, 2, {{0, 2}}, [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor next = reverse(matmul(x, p[0]) + h, {1});
    return {next, next};
  });
  CHECK(explain(cell, random_tensor({3, 4, 2}, 1), {.dtype = float64}) ==
        "compiled\n"
        "op by op, as the step cannot be lowered: reverse: is not known to the compiler to work row by row\n"
        "forward\n"
        "  at every step\n"
        "    v3 = matmul(v0, v2): float64(3, 2)\n"
        "    v4 = add(v3, v1): float64(3, 2)\n"
        "    v5 = reverse(v4): float64(3, 2)\n"
        "kept for backward: 0 bytes per step\n");
}

TEST_CASE("a step that cannot be lowered shows its steps on the tape") {
  Case of(own_ops_cases()[0], 3, 4, Tensor{2, 4, 0}, false, float64);
  of.options.executor = Executor::compiled;
  GradientTape tape;
  dynamic_rnn(*of.cell, of.inputs, of.options);
  std::vector<TapeRecord> records = tape.records();
  REQUIRE(records.size() == 4);
  CHECK(records[3].name == "FormulaCell");
  CHECK(records[3].step == 3);
  CHECK(records[3].rows == 1);
  CHECK(records[3].bytes > 0);
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
