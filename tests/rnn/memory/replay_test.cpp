// The eager executor with swap_memory: the same bits as without it.
#include <doctest/doctest.h>

#include "../compile/agreement.hpp"
#include "../compile/own_ops_cases.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"
#include "unroll/rnn/bidirectional.hpp"
#include "unroll/rnn/memory/options.hpp"

using namespace unroll;
using namespace testing;

namespace {

constexpr Index batch = 5, steps = 23;

Tensor some_lengths() { return Tensor(Shape{batch}, std::vector<std::int64_t>{7, 0, 23, 11, 20}); }

std::size_t least_limit(RNNCell& cell, const Nest& x, DynamicRnnOptions options, const std::vector<Tensor>& captured) {
  options.swap_memory = true;
  options.memory_limit = 1;
  try {
    everything(cell, x, options, captured);
  } catch (const ResourceExhaustedError& e) {
    std::string text = e.what();
    return std::stoul(text.substr(text.find("at least ") + 9));
  }
  return 0;
}

// With all limits that make a difference.
void check_same_bits(RNNCell& cell, const Nest& x, DynamicRnnOptions options,
                     const std::vector<Tensor>& captured = {}) {
  Everything want = everything(cell, x, options, captured);
  std::size_t least = least_limit(cell, x, options, captured);
  REQUIRE(least > 0);
  options.swap_memory = true;
  for (std::size_t limit : {std::size_t{0}, least, least * 3 / 2, 3 * least, 6 * least, 1000 * least}) {
    CAPTURE(limit);
    options.memory_limit = limit;
    CHECK(first_difference(everything(cell, x, options, captured), want, 0) == "");
  }
}

// Counts its calls.
class CountingCell : public RNNCell {
 public:
  std::string class_name() const override { return "CountingCell"; }
  SizeNest state_size() const override { return 2; }
  SizeNest output_size() const override { return 2; }
  Index calls = 0;
  bool is_pure = true, keeps = false;

 private:
  void create(const SpecNest&) override { kernel_ = add_variable("kernel", {2}); }
  StepResult call(const Nest& x, const Nest& state) override {
    ++calls;
    Tensor h = tanh(x.leaf() + state.leaf() * Tensor(kernel_));
    if (!is_pure) h = h + static_cast<double>(calls);
    if (keeps && last_) h = h + last_;
    last_ = keeps ? h : Tensor();
    return {h, h};
  }
  Variable kernel_;
  Tensor last_;
};

}  // namespace

TEST_CASE("every cell gives the same bits eagerly whatever is recomputed") {
  for (const CompiledCase& c : compiled_cases())
    for (bool ragged : {false, true})
      for (bool time_major : {false, true}) {
        CAPTURE(c.name);
        CAPTURE(ragged);
        CAPTURE(time_major);
        auto cell = built_cell(c, float32);
        Nest x = random_inputs(c, time_major ? steps : batch, time_major ? batch : steps, float32);
        check_same_bits(*cell, x,
                        {.sequence_length = ragged ? some_lengths() : Tensor(),
                         .initial_state = random_state(*cell, batch, 50, float32),
                         .time_major = time_major,
                         .executor = Executor::eager});
      }
}

TEST_CASE(
    "cells of any ops, states of integers and captured tensors give the same bits eagerly whatever is recomputed") {
  for (const OwnOpsCase& c : own_ops_cases())
    for (bool ragged : {false, true}) {
      CAPTURE(c.name);
      CAPTURE(ragged);
      std::vector<Tensor> captured;
      if (c.captured) captured.push_back(c.captured(batch, float64));
      auto cell = c.make(captured.empty() ? Tensor() : captured[0]);
      std::uint64_t stream = 1;
      Nest x = c.input.map([&](const Shape& size) {
        return random_tensor(Shape{batch, steps} + size, stream++, 1, float64);
      });
      DynamicRnnOptions options{
          .sequence_length = ragged ? some_lengths() : Tensor(),
          .initial_state = c.state ? c.state(*cell, batch, float64) : random_state(*cell, batch, 50, float64),
          .dtype = float64,
          .executor = Executor::eager};
      dynamic_rnn(*cell, x, options);
      randomize(*cell);
      check_same_bits(*cell, x, options, captured);
    }
}

TEST_CASE("dropout draws the same masks when a step is taken again, and later calls draw what they would have drawn") {
  for (bool variational : {false, true})
    for (bool seeded : {false, true}) {
      CAPTURE(variational);
      CAPTURE(seeded);
      std::optional<std::uint64_t> seed = seeded ? std::optional<std::uint64_t>(3) : std::nullopt;
      std::shared_ptr<DropoutWrapper> cell;
      Tensor x = random_tensor({batch, steps, 3}, 1, 1, float32);
      auto fresh = [&](bool swap, std::size_t limit) {
        set_random_seed(8);
        cell = std::make_shared<DropoutWrapper>(std::make_shared<LSTMCell>(4),
                                                DropoutWrapperOptions{.input_keep_prob = 0.6,
                                                                      .output_keep_prob = 0.7,
                                                                      .state_keep_prob = 0.8,
                                                                      .variational_recurrent = variational,
                                                                      .input_size = 3,
                                                                      .dtype = float32,
                                                                      .seed = seed});
        dynamic_rnn(*cell, x, {.dtype = float32, .executor = Executor::eager});
        randomize(*cell);
        DynamicRnnOptions options{.sequence_length = some_lengths(),
                                  .initial_state = random_state(*cell, batch, 50, float32),
                                  .swap_memory = swap,
                                  .memory_limit = limit,
                                  .executor = Executor::eager};
        Everything all = everything(*cell, x, options);
        Everything second = everything(*cell, x, options);
        all.names.insert(all.names.end(), second.names.begin(), second.names.end());
        all.values.insert(all.values.end(), second.values.begin(), second.values.end());
        all.add("number drawn next", {random_uniform({3})});
        return all;
      };
      Everything want = fresh(false, 0);
      for (std::size_t limit : {0, 20'000, 1'000'000}) {
        CAPTURE(limit);
        CHECK(first_difference(fresh(true, limit), want, 0) == "");
      }
    }
}

TEST_CASE("both directions and a stack give the same bits eagerly whatever is recomputed") {
  std::vector<std::shared_ptr<RNNCell>> layers{std::make_shared<GRUCell>(3), std::make_shared<LSTMCell>(4)};
  MultiRNNCell fw(layers);
  GRUCell bw(3);
  Tensor x = random_tensor({batch, steps, 3}, 1, 1, float32);
  auto run = [&](BidirectionalDynamicRnnOptions options) {
    options.sequence_length = some_lengths();
    options.dtype = float32;
    options.executor = Executor::eager;
    GradientTape tape;
    tape.watch(x);
    auto [outputs, state] = bidirectional_dynamic_rnn(fw, bw, x, options);
    Tensor loss = zeros({});
    for (const Tensor& t : Nest::tuple({outputs, state}).flatten()) loss = loss + reduce_sum(t * t);
    std::vector<Tensor> sources{x};
    for (RNNCell* cell : {static_cast<RNNCell*>(&fw), static_cast<RNNCell*>(&bw)})
      for (const Variable& v : cell->variables()) sources.push_back(v);
    Everything all;
    all.add("result", Nest::tuple({outputs, state}).flatten());
    all.add("gradient", tape.gradient(loss, sources));
    return all;
  };
  Everything want = run({});
  CHECK(first_difference(run({.swap_memory = true}), want, 0) == "");
  CHECK(first_difference(run({.swap_memory = true, .memory_limit = 40'000}), want, 0) == "");
}

TEST_CASE("a persistent tape gives eager gradients twice, also when steps are taken again") {
  LSTMCell cell(5);
  Tensor x = random_tensor({4, 30, 3}, 1, 1, float32);
  GradientTape tape({.persistent = true});
  tape.watch(x);
  Tensor y = dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .executor = Executor::eager}).outputs.leaf();
  Tensor loss = reduce_sum(y * y);
  Tensor first = tape.gradient(loss, x);
  CHECK(bit_equal(tape.gradient(loss, x), first));
}

TEST_CASE("with square-root spacing every step is taken at most twice, and the limit decides how often") {
  Tensor x = random_tensor({2, 400, 2}, 1, 1, float32);
  auto calls = [&](std::size_t limit) {
    CountingCell cell;
    cell.build(TensorSpec{{2, 2}, float32});
    DynamicRnnOptions options{
        .dtype = float32, .swap_memory = true, .memory_limit = limit, .executor = Executor::eager};
    GradientTape tape;
    tape.watch(x);
    Tensor loss = reduce_sum(dynamic_rnn(cell, x, options).outputs.leaf());
    tape.gradient(loss, x);
    return cell.calls;
  };
  CHECK(calls(std::size_t{1} << 30) == 401);  // the first was taken to see what it keeps
  Index twice = calls(0);
  CHECK(twice > 700);
  CHECK(twice <= 801);
  CHECK(calls(3'000) > 1000);
}

TEST_CASE("a cell with side effects is named when swap_memory takes its steps again") {
  CountingCell cell;
  cell.is_pure = false;
  Tensor x = random_tensor({2, 30, 2}, 1, 1, float32);
  GradientTape tape;
  tape.watch(x);
  Tensor loss = reduce_sum(
      dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .executor = Executor::eager}).outputs.leaf());
  try {
    tape.gradient(loss, x);
    FAIL("no error");
  } catch (const RuntimeError& e) {
    std::string text = e.what();
    CHECK(text.starts_with("CountingCell: step "));
    CHECK(
        text.ends_with(" gives something else when it is taken again, as swap_memory asks for: the cell has side "
                       "effects, or something that it reads has changed"));
  }
  // The cell and tapes are usable afterwards.
  cell.is_pure = true;
  GradientTape again;
  again.watch(x);
  Tensor sum = reduce_sum(
      dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .executor = Executor::eager}).outputs.leaf());
  CHECK(again.gradient(sum, x).defined());
}

TEST_CASE("a cell that keeps a tensor from one step to the next is refused by swap_memory") {
  CountingCell cell;
  cell.keeps = true;
  Tensor x = random_tensor({2, 30, 2}, 1, 1, float32);
  GradientTape tape;
  tape.watch(x);
  CHECK_THROWS_WITH_AS(dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .executor = Executor::eager}),
                       "CountingCell: keeps a tensor from one step to the next otherwise than in its state, which "
                       "swap_memory does not allow",
                       RuntimeError);
}

TEST_CASE("a variable that is assigned to between the passes is noticed, not used") {
  LSTMCell cell(3);
  Tensor x = random_tensor({2, 30, 2}, 1, 1, float32);
  GradientTape tape;
  tape.watch(x);
  Tensor loss = reduce_sum(
      dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .executor = Executor::eager}).outputs.leaf());
  for (Variable v : cell.variables()) v.assign(v.value() + 0.5);
  CHECK_THROWS_AS(tape.gradient(loss, x), RuntimeError);
}

TEST_CASE("the cell has to live until its steps have been taken again") {
  Tensor x = random_tensor({2, 30, 2}, 1, 1, float32);
  GradientTape tape;
  tape.watch(x);
  Tensor loss;
  {
    LSTMCell cell(3);
    loss = reduce_sum(
        dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .executor = Executor::eager}).outputs.leaf());
  }
  CHECK_THROWS_WITH_AS(tape.gradient(loss, x),
                       "LSTMCell: with swap_memory the gradient needs the cell, which has been destroyed or moved",
                       RuntimeError);
}

TEST_CASE("a MemoryScope holds for calls within it that say nothing themselves") {
  LSTMCell cell(3);
  Tensor x = random_tensor({2, 30, 2}, 1, 1, float32);
  auto said = [&](DynamicRnnOptions options) {
    options.dtype = float32;
    GradientTape tape;
    tape.watch(x);
    std::string text = explain(cell, x, options);
    std::size_t at = text.find("memory: ");
    return text.substr(at, text.find_first_of(":;", at + 8) - at);
  };
  dynamic_rnn(cell, x, {.dtype = float32});
  CHECK(said({}) == "memory: stored");
  {
    MemoryScope outer({.swap_memory = true, .memory_limit = 1000});
    CHECK(said({}) == "memory: recomputed");
    CHECK(said({.swap_memory = true, .memory_limit = 1'000'000}) == "memory: stored");
    CHECK(said({.executor = Executor::eager}) == "memory: recomputed");
    {
      MemoryScope inner({});
      CHECK(said({}) == "memory: stored");
    }
    CHECK(MemoryScope::current().memory_limit == 1000);
  }
  CHECK(said({}) == "memory: stored");
  CHECK_THROWS_WITH_AS(MemoryScope({.memory_limit = 5}),
                       "MemoryScope: memory_limit is 5, which needs swap_memory = true", ValueError);
}

TEST_CASE("gradients of gradients keep all records, and a limit is then refused") {
  LSTMCell cell(3);
  Tensor x = random_tensor({2, 9, 2}, 1, 1, float64);
  auto second = [&](DynamicRnnOptions options) {
    options.dtype = float64;
    options.executor = Executor::eager;
    GradientTape outer;
    outer.watch(x);
    GradientTape inner;
    inner.watch(x);
    Tensor y = dynamic_rnn(cell, x, options).outputs.leaf();
    Tensor g = inner.gradient(reduce_sum(y * y), x);
    return outer.gradient(reduce_sum(g * g), x);
  };
  CHECK(bit_equal(second({.swap_memory = true}), second({})));
  CHECK_THROWS_AS(second({.swap_memory = true, .memory_limit = 100}), ResourceExhaustedError);
}
