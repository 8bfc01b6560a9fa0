#include <doctest/doctest.h>

#include <thread>

#include "agreement.hpp"
#include "support/use_threads.hpp"
#include "unroll/autograd/ops/losses.hpp"
#include "unroll/optim/adam.hpp"

using namespace unroll;
using namespace testing;

namespace {

Tensor ragged_lengths(Index batch, Index time) {
  std::vector<std::int64_t> lengths;
  for (Index k = 0; k < batch; ++k) lengths.push_back((k * 7 + 3) % (time + 1));
  return Tensor(Shape{batch}, lengths);
}

}  // namespace

TEST_CASE("results and gradients have the same bits for any number of threads") {
  for (const CompiledCase& c : compiled_cases())
    for (Index batch : {1, 5, 23})
      for (bool ragged : {false, true}) {
        CAPTURE(c.name);
        CAPTURE(batch);
        auto cell = built_cell(c, float32);
        Nest x = random_inputs(c, batch, 9, float32);
        DynamicRnnOptions options{.sequence_length = ragged ? ragged_lengths(batch, 9) : Tensor(),
                                  .initial_state = random_state(*cell, batch, 50, float32),
                                  .executor = Executor::compiled};
        UseThreads one(1);
        Everything want = everything(*cell, x, options);
        for (int threads : {2, 3, 8}) {
          CAPTURE(threads);
          UseThreads use(threads);
          CHECK(first_difference(everything(*cell, x, options), want, 0) == "");
        }
      }
}

TEST_CASE("threads that share the columns of a step, while few rows are alive, change no bits") {
  // 67,600 weights in the loop: up to 16 rows are shared by two threads in this way.
  for (bool two : {false, true}) {
    std::shared_ptr<RNNCell> cell = std::make_shared<LSTMCell>(130);
    if (two) cell = std::make_shared<MultiRNNCell>(std::vector{cell, std::shared_ptr<RNNCell>(layer_norm_cell(20))});
    Tensor x = random_tensor({37, 23, 9}, 1);
    DynamicRnnOptions options{.sequence_length = ragged_lengths(37, 23),
                              .initial_state = random_state(*cell, 37),
                              .executor = Executor::compiled};
    UseThreads one(1);
    dynamic_rnn(*cell, x, options);
    randomize(*cell, 100, 0.2);
    Everything want = everything(*cell, x, options);
    for (int threads : {2, 3, 8}) {
      UseThreads use(threads);
      CHECK(first_difference(everything(*cell, x, options), want, 0) == "");
    }
  }
}

TEST_CASE("sequences of many chunks have the same bits for any number of threads, and agree with the eager executor") {
  std::vector<std::shared_ptr<RNNCell>> layers{std::make_shared<LSTMCell>(33), layer_norm_cell(17),
                                               std::make_shared<GRUCell>(40)};
  for (bool ragged : {false, true}) {
    MultiRNNCell cell(layers);
    Tensor x = random_tensor({37, 41, 21}, 1);
    DynamicRnnOptions options{.sequence_length = ragged ? ragged_lengths(37, 41) : Tensor(),
                              .initial_state = random_state(cell, 37),
                              .executor = Executor::eager};
    dynamic_rnn(cell, x, options);
    randomize(cell, 100, 0.2);
    Everything reference = everything(cell, x, options);
    options.executor = Executor::compiled;
    UseThreads one(1);
    Everything want = everything(cell, x, options);
    CHECK(first_difference(want, reference, 1e-12) == "");
    for (int threads : {2, 3, 8}) {
      UseThreads use(threads);
      CHECK(first_difference(everything(cell, x, options), want, 0) == "");
    }
  }
}

TEST_CASE("20 training steps end at the same bits for any number of threads") {
  Tensor x = random_tensor({13, 11, 5}, 1, 1, float32), target = random_tensor({13, 11, 19}, 2, 1, float32);
  auto train = [&](int threads) {
    UseThreads use(threads);
    LSTMCell cell(19);
    DynamicRnnOptions options{
        .sequence_length = ragged_lengths(13, 11), .dtype = float32, .executor = Executor::compiled};
    dynamic_rnn(cell, x, options);
    randomize(cell);
    Adam adam({.learning_rate = 0.01});
    for (int k = 0; k < 20; ++k) {
      GradientTape tape;
      adam.minimize(tape, mean_squared_error(target, dynamic_rnn(cell, x, options).outputs));
    }
    return Tensor(cell.variables()[0]);
  };
  Tensor want = train(1);
  for (int threads : {2, 3, 8}) CHECK(bit_equal(train(threads), want));
}

TEST_CASE("a row's bits do not depend on the batch that it is in") {
  for (const CompiledCase& c : compiled_cases()) {
    CAPTURE(c.name);
    auto cell = built_cell(c, float32);
    constexpr Index batch = 11, time = 7;
    Nest x = random_inputs(c, batch, time, float32), state = random_state(*cell, batch, 50, float32);
    Tensor lengths = ragged_lengths(batch, time);
    auto whole =
        dynamic_rnn(*cell, x, {.sequence_length = lengths, .initial_state = state, .executor = Executor::compiled});
    for (Index row = 0; row < batch; ++row) {
      CAPTURE(row);
      auto part = [&](const Tensor& t) { return t.rows_view(row, row + 1); };
      auto alone = dynamic_rnn(
          *cell, x.map(part),
          {.sequence_length = part(lengths), .initial_state = state.map(part), .executor = Executor::compiled});
      auto same = [&](const Nest& all, const Nest& one) {
        std::vector<Tensor> a = all.flatten(), b = one.flatten();
        for (std::size_t k = 0; k < a.size(); ++k) CHECK(bit_equal(part(a[k]), b[k]));
      };
      same(whole.outputs, alone.outputs);
      same(whole.state, alone.state);
    }
  }
}

TEST_CASE("user threads train side by side, each with its own tape and cell, or with one cell") {
  GRUCell shared(6);
  Tensor x = random_tensor({5, 8, 4}, 1, 1, float32);
  DynamicRnnOptions options{.sequence_length = ragged_lengths(5, 8),
                            .initial_state = random_tensor({5, 6}, 2, 1, float32),
                            .executor = Executor::compiled};
  dynamic_rnn(shared, x, options);
  randomize(shared);
  UseThreads use(2);
  LSTMCell other(5);
  DynamicRnnOptions of_other{.sequence_length = ragged_lengths(5, 8),
                             .initial_state = random_state(other, 5, 50, float32),
                             .executor = Executor::compiled};
  dynamic_rnn(other, x, of_other);
  randomize(other);
  Everything want = everything(shared, x, options), want_other = everything(other, x, of_other);
  std::vector<std::string> differences(4);
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < differences.size(); ++k)
    threads.emplace_back([&, k] {
      for (int round = 0; round < 10 && differences[k].empty(); ++round) {
        LSTMCell own(5);
        dynamic_rnn(own, x, of_other);
        randomize(own);
        differences[k] = first_difference(everything(own, x, of_other), want_other, 0) +
                         first_difference(everything(shared, x, options), want, 0);
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& difference : differences) CHECK(difference == "");
}
