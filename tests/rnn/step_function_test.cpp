#include "unroll/rnn/step_function.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <thread>

#include "support/formula_cell.hpp"
#include "unroll/unroll.hpp"

using namespace unroll;

namespace {

// Outputs of a sequence, step by step.
template <class T>
Tensor by_steps(const StepFunction& step, const Tensor& x, StepState& state, Index batch, Index width) {
  Tensor y(TensorSpec{{x.shape(0), batch, width}, x.dtype()});
  T* out = y.mutable_data<T>();
  for (Index t = 0; t < x.shape(0); ++t) step(x.data<T>() + t * step.input_size(), state, out + t * step.output_size());
  return y;
}

template <class T>
void check_cell(RNNCell& cell, Index batch, Index inputs, DType dtype, double tolerance) {
  CAPTURE(cell.class_name());
  CAPTURE(batch);
  Tensor x = random_normal({7, batch, inputs}, {.seed = 3}, dtype);
  auto [outputs, final_state] = dynamic_rnn(cell, x, {.dtype = dtype, .time_major = true});
  StepFunction step = compile_step(cell, batch, dtype);
  CHECK(step.input_size() == batch * inputs);
  StepState state = step.zero_state();
  Index width = cell.output_size().leaf()[0];
  CHECK(allclose(by_steps<T>(step, x, state, batch, width), outputs.leaf(), tolerance, tolerance));
  std::vector<Tensor> reached = step.get_state(state).flatten(), expected = final_state.flatten();
  for (std::size_t k = 0; k < expected.size(); ++k) CHECK(allclose(reached[k], expected[k], tolerance, tolerance));
}

}  // namespace

TEST_CASE("steps give what dynamic_rnn gives over the sequence, for any cell, batch and dtype") {
  for (Index batch : {1, 2, 5})
    for (DType dtype : {float32, float64}) {
      LSTMCell lstm(24, {.dtype = dtype}), odd(5, {.use_peepholes = true, .num_proj = 3, .dtype = dtype});
      GRUCell gru(17, {.dtype = dtype});
      MultiRNNCell stack({std::make_shared<LSTMCell>(9, LSTMCellOptions{.dtype = dtype}),
                          std::make_shared<GRUCell>(4, GRUCellOptions{.dtype = dtype})});
      for (RNNCell* cell : {static_cast<RNNCell*>(&lstm), static_cast<RNNCell*>(&odd), static_cast<RNNCell*>(&gru),
                            static_cast<RNNCell*>(&stack)})
        for (Index inputs : {1, 3}) {
          cell->unbuild();
          for (Module* part : cell->submodules()) part->unbuild();
          if (dtype == float32)
            check_cell<float>(*cell, batch, inputs, dtype, 1e-5);
          else
            check_cell<double>(*cell, batch, inputs, dtype, 1e-12);
        }
    }
}

TEST_CASE("inputs, outputs and states may be structures, and an input may have no use") {
  using testing::FormulaCell;
  auto formula = [](const Nest& x, const Nest& s, const std::vector<Variable>& p) -> StepResult {
    Tensor h = tanh(matmul(x["b"], p[0]) + sigmoid(s[0]) * sigmoid(s[1][0]));
    return {Nest::tuple({s[1][0], h + 1.0, h}), Nest::tuple({h, Nest::tuple({x["c"]})})};
  };
  for (Index batch : {1, 3}) {
    FormulaCell cell(SizeNest::tuple({5, SizeNest::tuple({5})}), SizeNest::tuple({5, 5, 5}), {{4, 5}}, formula);
    auto numbers = [&](Index width, std::uint64_t seed) { return random_normal({batch, width}, {.seed = seed}); };
    std::vector<Tensor> parts = {numbers(2, 1), numbers(4, 2), numbers(5, 3)};
    Nest x = Nest::dict({{"a", parts[0]}, {"b", parts[1]}, {"c", parts[2]}});
    Nest state = cell.zero_state(batch, float32);
    cell.build(x.map([](const Tensor& t) { return t.spec(); }));
    StepFunction step = compile_step(cell, batch);
    StepState own = step.zero_state();
    std::vector<float> in, out(static_cast<std::size_t>(step.output_size()));
    for (const Tensor& t : parts) in.insert(in.end(), t.data<float>(), t.data<float>() + t.size());
    CHECK(step.input_size() == static_cast<Index>(in.size()));
    for (int t = 0; t < 3; ++t) {
      StepResult expected = cell(x, state);
      state = expected.state;
      step(in.data(), own, out.data());
      const float* y = out.data();
      for (const Tensor& part : expected.output.flatten()) {
        CHECK(allclose(Tensor(part.shape(), std::vector<float>(y, y + part.size())), part, 1e-6, 1e-6));
        y += part.size();
      }
    }
    CHECK(allclose(step.get_state(own)[1][0], state[1][0], 0, 0));
    Tensor y;
    CHECK_THROWS_AS(step(parts[0], own, y), TypeError);
  }
}

TEST_CASE("a cell may have a read-out of one column") {
  testing::FormulaCell cell(6, 1, {{1, 6}, {6, 6}, {6, 1}},
                            [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                              Tensor next = tanh(matmul(x, p[0]) + matmul(h, p[1]));
                              return {tanh(matmul(next, p[2]) * x.leaf()) + x, next};
                            });
  check_cell<float>(cell, 1, 1, float32, 1e-5);
  check_cell<float>(cell, 3, 1, float32, 1e-5);
}

TEST_CASE("input and output may be one array") {
  GRUCell cell(4);
  cell.build(TensorSpec{{1, 4}, float64});
  StepFunction step = compile_step(cell, 1, float64);
  StepState apart = step.zero_state(), together = step.zero_state();
  std::array<double, 4> x{0.1, -0.2, 0.3, 0.4}, y{};
  step(x.data(), apart, y.data());
  step(x.data(), together, x.data());
  CHECK(x == y);
}

TEST_CASE("a state can be read and set in the middle of a sequence") {
  LSTMCell cell(6);
  Tensor x = random_normal({4, 1, 2}, {.seed = 5});
  dynamic_rnn(cell, x, {.dtype = float32, .time_major = true});
  StepFunction step = compile_step(cell);
  StepState whole = step.zero_state(), first = step.zero_state(), second = step.zero_state();
  Tensor y = by_steps<float>(step, x, whole, 1, 6);
  by_steps<float>(step, x.rows_view(0, 3), first, 1, 6);
  step.set_state(second, step.get_state(first));
  CHECK(bit_equal(by_steps<float>(step, x.rows_view(3, 4), second, 1, 6), y.rows_view(3, 4)));
}

TEST_CASE("tensors can be passed, and are checked") {
  BasicRNNCell cell(3);
  cell.build(TensorSpec{{2, 4}, float32});
  StepFunction step = compile_step(cell, 2);
  StepState state = step.zero_state();
  Tensor y = zeros({2, 3});
  step(ones({2, 4}), state, y);
  CHECK(array_equal(y, cell(ones({2, 4}), zeros({2, 3})).output.leaf()));
  CHECK_THROWS_AS(step(ones({2, 3}), state, y), ValueError);
  Tensor wrong = zeros({3, 3});
  CHECK_THROWS_AS(step(ones({2, 4}), state, wrong), ValueError);
  CHECK_THROWS_AS(step.set_state(state, zeros({2, 4})), ValueError);
}

TEST_CASE("weights are copies until update_weights") {
  BasicRNNCell cell(2);
  cell.build(TensorSpec{{1, 1}, float32});
  StepFunction step = compile_step(cell);
  auto output = [&] {
    StepState state = step.zero_state();
    std::array<float, 2> y{};
    float x = 0.5f;
    step(&x, state, y.data());
    return y;
  };
  auto before = output();
  cell.variables()[0].assign(full({3, 2}, 0.25));
  CHECK(output() == before);
  step.update_weights();
  CHECK(output()[0] == doctest::Approx(std::tanh(0.125)));
}

TEST_CASE("a step is for cells that are built, compile, and do not drop") {
  BasicRNNCell cell(2);
  CHECK_THROWS_AS(compile_step(cell), ValueError);
  cell.build(TensorSpec{{1, 1}, float32});
  CHECK_THROWS_AS(compile_step(cell, 0), ValueError);
  CHECK_THROWS_AS(compile_step(cell, 1, int32), TypeError);
  DropoutWrapper dropping(std::make_shared<BasicRNNCell>(2), {.output_keep_prob = 0.5});
  dropping.build(TensorSpec{{1, 1}, float32});
  CHECK_THROWS_AS(compile_step(dropping), RuntimeError);
  testing::FormulaCell looking(2, 2, {}, [](const Nest& x, const Nest&, const std::vector<Variable>&) -> StepResult {
    return {x * x.leaf().data<float>()[0], x};
  });
  looking.build(TensorSpec{{1, 2}, float32});
  CHECK_THROWS_AS(compile_step(looking), RuntimeError);
  testing::FormulaCell special(2, 2, {}, [](const Nest& x, const Nest& h, const std::vector<Variable>&) -> StepResult {
    Tensor next = x.leaf().shape(0) == 1 ? x + h : x - h;
    return {next, next};
  });
  special.build(TensorSpec{{1, 2}, float32});
  CHECK_THROWS_AS(compile_step(special, 1), RuntimeError);
  CHECK(compile_step(special, 2).output_size() == 4);
}

TEST_CASE("a cell that keeps something for a sequence can be called after a step was made of it, or could not be") {
  class Cell : public testing::FormulaCell {
   public:
    Cell()
        : FormulaCell(2, 2, {}, [this](const Nest& x, const Nest& h, const std::vector<Variable>&) -> StepResult {
            if (!first_) first_ = tanh(x);
            return {first_ + h, looks && h.leaf().data<float>()[0] > 0 ? h : x};
          }) {}
    void begin_sequence() override { first_.reset(); }
    bool looks = false;

   private:
    Tensor first_;
  };
  Cell cell;
  cell.build(TensorSpec{{1, 2}, float32});
  auto use = [&] { cell(ones({1, 2}), ones({1, 2})); };
  StepFunction step = compile_step(cell);
  CHECK_NOTHROW(use());
  cell.looks = true;
  CHECK_THROWS_AS(compile_step(cell), RuntimeError);
  CHECK_NOTHROW(use());
  CHECK_THROWS_AS(step.update_weights(), SymbolicTensorError);
  CHECK_NOTHROW(use());
}

TEST_CASE("weights are not taken over from a cell that does something else by now") {
  int kind = 0;
  testing::FormulaCell cell(2, 2, {}, [&](const Nest& x, const Nest& h, const std::vector<Variable>&) -> StepResult {
    Tensor shift = kind == 1 ? random_normal({2}) : Tensor({2}, std::vector<float>{1, 2});
    return {kind == 2 ? x - h + shift : x + h + shift, h};
  });
  cell.build(TensorSpec{{1, 2}, float32});
  StepFunction step = compile_step(cell);
  StepState state = step.zero_state();
  for (int other : {1, 2}) {
    kind = other;
    CHECK_THROWS_AS(step.update_weights(), RuntimeError);
    std::array<float, 2> y{0.5f, 2.0f};
    step(y.data(), state, y.data());
    CHECK(y == std::array<float, 2>{1.5f, 4.0f});
  }
}

TEST_CASE("one function serves several threads, each with a state of its own") {
  GRUCell cell(8);
  Tensor x = random_normal({50, 1, 3}, {.seed = 9});
  dynamic_rnn(cell, x, {.dtype = float32, .time_major = true});
  const StepFunction step = compile_step(cell);
  StepState alone = step.zero_state();
  Tensor expected = by_steps<float>(step, x, alone, 1, 8);
  std::array<Tensor, 3> results;
  std::vector<std::thread> threads;
  for (Tensor& result : results)
    threads.emplace_back([&] {
      StepState state = step.zero_state();
      result = by_steps<float>(step, x, state, 1, 8);
    });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& result : results) CHECK(bit_equal(result, expected));
}
