// Whatever is held for the backward pass: the same bits.
#include <doctest/doctest.h>

#include "../compile/agreement.hpp"
#include "../compile/own_ops_cases.hpp"
#include "support/use_threads.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/bidirectional.hpp"

using namespace unroll;
using namespace testing;

namespace {

Tensor ragged_lengths(Index batch, Index time) {
  std::vector<std::int64_t> lengths;
  for (Index k = 0; k < batch; ++k) lengths.push_back((k * 37 + 11) % (time + 1));
  return Tensor(Shape{batch}, lengths);
}

// The least limit that works, from the error of one that does not.
std::size_t least_limit(RNNCell& cell, const Nest& x, DynamicRnnOptions options) {
  options.swap_memory = true;
  options.memory_limit = 1;
  try {
    everything(cell, x, options);
  } catch (const ResourceExhaustedError& e) {
    std::string text = e.what();
    return std::stoul(text.substr(text.find("at least ") + 9));
  }
  return 0;
}

}  // namespace

TEST_CASE("every compiled cell gives the same bits whatever is recomputed") {
  for (const CompiledCase& c : compiled_cases())
    for (bool ragged : {false, true}) {
      CAPTURE(c.name);
      CAPTURE(ragged);
      auto cell = built_cell(c, float32);
      constexpr Index batch = 90, time = 37;  // chunks of 5 steps
      Nest x = random_inputs(c, batch, time, float32);
      DynamicRnnOptions options{.sequence_length = ragged ? ragged_lengths(batch, time) : Tensor(),
                                .initial_state = random_state(*cell, batch, 50, float32),
                                .executor = Executor::compiled};
      Everything want = everything(*cell, x, options);
      std::size_t least = least_limit(*cell, x, options);
      options.swap_memory = true;
      for (std::size_t limit : {std::size_t{0}, least, least * 3 / 2, 2 * least, 4 * least, 100 * least}) {
        CAPTURE(limit);
        options.memory_limit = limit;
        CHECK(first_difference(everything(*cell, x, options), want, 0) == "");
      }
    }
}

TEST_CASE("every compiled cell gives the same bits whatever parallel_iterations is") {
  for (const CompiledCase& c : compiled_cases())
    for (bool ragged : {false, true}) {
      CAPTURE(c.name);
      CAPTURE(ragged);
      auto cell = built_cell(c, float32);
      constexpr Index batch = 9, time = 70;
      Nest x = random_inputs(c, batch, time, float32);
      DynamicRnnOptions options{.sequence_length = ragged ? ragged_lengths(batch, time) : Tensor(),
                                .initial_state = random_state(*cell, batch, 50, float32),
                                .executor = Executor::compiled};
      Everything want = everything(*cell, x, options);
      for (int window : {1, 2, 7, 64, 1000}) {
        CAPTURE(window);
        options.parallel_iterations = window;
        CHECK(first_difference(everything(*cell, x, options), want, 0) == "");
      }
    }
}

TEST_CASE("cells that run op by op give the same bits whatever is recomputed") {
  for (const OwnOpsCase& c : own_ops_cases())
    for (bool ragged : {false, true}) {
      CAPTURE(c.name);
      CAPTURE(ragged);
      constexpr Index batch = 5, time = 23;
      std::vector<Tensor> captured;
      if (c.captured) captured.push_back(c.captured(batch, float32));
      auto cell = c.make(captured.empty() ? Tensor() : captured[0]);
      std::uint64_t stream = 1;
      Nest x = c.input.map([&](const Shape& size) {
        return random_tensor(Shape{batch, time} + size, stream++, 1, float32);
      });
      DynamicRnnOptions options{
          .sequence_length = ragged ? ragged_lengths(batch, time) : Tensor(),
          .initial_state = c.state ? c.state(*cell, batch, float32) : random_state(*cell, batch, 50, float32),
          .dtype = float32,
          .executor = Executor::compiled};
      dynamic_rnn(*cell, x, options);
      randomize(*cell);
      Everything want = everything(*cell, x, options, captured);
      std::size_t least = least_limit(*cell, x, options);
      options.swap_memory = true;
      for (int window : {32, 4, 1})
        for (std::size_t limit : {std::size_t{0}, least, least * 3 / 2, 4 * least, 100 * least}) {
          CAPTURE(window);
          CAPTURE(limit);
          if (limit == 0 && least > 0 && window == 32) continue;  // one chunk
          options.parallel_iterations = window;
          options.memory_limit = limit;
          CHECK(first_difference(everything(*cell, x, options, captured), want, 0) == "");
        }
    }
}

TEST_CASE("memory_limit shortens the window of steps until what it allows can be held") {
  testing::UseThreads use(2);  // one thread has shorter chunks
  LSTMCell cell(8);
  Tensor x = random_tensor({64, 20, 3}, 1, 1, float32);
  DynamicRnnOptions options{.initial_state = random_state(cell, 64, 1, float32), .swap_memory = true};
  GradientTape tape;
  tape.watch(x);
  auto said = [&](std::size_t limit) {
    options.memory_limit = limit;
    std::string text = explain(cell, x, options);
    return text.substr(text.find("memory: ") + 8);
  };
  CHECK(said(0).find("of 3 chunks") != std::string::npos);
  std::size_t all = 64 * 20 * 6 * 8 * 4;
  CHECK(said(2 * all).starts_with("stored: 3 chunks"));
  CHECK(said(all / 4).starts_with("recomputed"));
  CHECK(said(all / 8).find("of 20 chunks") != std::string::npos);
}

TEST_CASE("dropout and a stack of layers give the same bits whatever is recomputed, with any number of threads") {
  auto make = [] {
    std::vector<std::shared_ptr<RNNCell>> layers;
    for (int k = 0; k < 2; ++k)
      layers.push_back(std::make_shared<DropoutWrapper>(
          std::make_shared<LSTMCell>(20),
          DropoutWrapperOptions{.input_keep_prob = 0.7, .state_keep_prob = 0.8, .seed = 3}));
    auto cell = std::make_shared<MultiRNNCell>(layers);
    dynamic_rnn(*cell, zeros({1, 1, 7}), {.dtype = float32});
    randomize(*cell);
    return cell;
  };
  Tensor x = random_tensor({41, 90, 7}, 1, 1, float32);
  auto run = [&](bool swap, std::size_t limit) {
    auto cell = make();
    DynamicRnnOptions options{.sequence_length = ragged_lengths(41, 90),
                              .initial_state = random_state(*cell, 41, 50, float32),
                              .swap_memory = swap,
                              .memory_limit = limit,
                              .executor = Executor::compiled};
    return everything(*cell, x, options);
  };
  Everything want = run(false, 0);
  for (int threads : {1, 2, 3}) {
    UseThreads use(threads);
    for (std::size_t limit : {0, 600'000, 1'000'000}) {
      CAPTURE(threads);
      CAPTURE(limit);
      CHECK(first_difference(run(true, limit), want, 0) == "");
    }
  }
}

TEST_CASE("both directions of bidirectional_dynamic_rnn give the same bits whatever is recomputed") {
  GRUCell fw(6), bw(9);
  Tensor x = random_tensor({64, 50, 3}, 1, 1, float32);
  auto run = [&](BidirectionalDynamicRnnOptions options) {
    options.sequence_length = ragged_lengths(64, 50);
    options.dtype = float32;
    options.executor = Executor::compiled;
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
  CHECK(first_difference(run({.swap_memory = true, .memory_limit = 200'000}), want, 0) == "");
}

TEST_CASE("a persistent tape gives its gradients twice, also when they are computed again") {
  LSTMCell cell(5);
  Tensor x = random_tensor({64, 80, 3}, 1, 1, float32);
  GradientTape tape({.persistent = true});
  tape.watch(x);
  Tensor y = dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .memory_limit = 150'000}).outputs.leaf();
  Tensor loss = reduce_sum(y * y);
  Tensor first = tape.gradient(loss, x);
  CHECK(bit_equal(tape.gradient(loss, x), first));
}

TEST_CASE("memory_limit needs swap_memory, and one that is too low is refused with the least that works") {
  LSTMCell cell(5);
  Tensor x = random_tensor({64, 80, 3}, 1, 1, float32);
  CHECK_THROWS_WITH_AS(dynamic_rnn(cell, x, {.dtype = float32, .memory_limit = 5}),
                       "dynamic_rnn: memory_limit is 5, which needs swap_memory = true", ValueError);
  DynamicRnnOptions options{.initial_state = random_state(cell, 64, 1, float32)};
  std::size_t least = least_limit(cell, x, options);
  options.swap_memory = true;
  options.memory_limit = least - 1;
  CHECK_THROWS_AS(everything(cell, x, options), ResourceExhaustedError);
  options.memory_limit = least;
  CHECK_NOTHROW(everything(cell, x, options));
  // Without a tape there is nothing to hold.
  CHECK_NOTHROW(dynamic_rnn(cell, x, {.dtype = float32, .swap_memory = true, .memory_limit = 1}));
}
