#include "unroll/rnn/compile/wavefront.hpp"

#include <doctest/doctest.h>

#include "agreement.hpp"
#include "support/use_threads.hpp"
#include "unroll/cells/dropout_wrapper.hpp"

using namespace unroll;
using namespace testing;
using compile::make_wavefront;

namespace {

std::vector<int> cuts(const std::vector<double>& costs, int threads, Index chunks = 100) {
  auto w = make_wavefront(costs, threads, chunks);
  return {w.cuts.begin(), w.cuts.end()};
}

std::shared_ptr<MultiRNNCell> stack(int layers) {
  std::vector<std::shared_ptr<RNNCell>> cells;
  for (int k = 0; k < layers; ++k) {
    std::shared_ptr<RNNCell> cell;
    if (k % 3 == 0) cell = std::make_shared<LSTMCell>(23);
    if (k % 3 == 1) cell = std::make_shared<GRUCell>(27);
    if (k % 3 == 2) cell = layer_norm_cell(17);
    cells.push_back(cell);
  }
  return std::make_shared<MultiRNNCell>(cells);
}

bool has_wavefront(RNNCell& cell, const Nest& x, const DynamicRnnOptions& options) {
  return explain(cell, x, options).find("\nwavefront: stages 0 to ") != std::string::npos;
}

}  // namespace

TEST_CASE("stages are cut so that the slowest thread has the least to do") {
  CHECK(cuts({1, 5, 1, 5, 1}, 2) == std::vector<int>{0, 3, 5});
  CHECK(cuts({0, 4, 0, 4, 0, 4, 0, 4, 0}, 2) == std::vector<int>{0, 5, 9});
  CHECK(cuts({0, 4, 0, 4, 0, 4, 0, 4, 0}, 4) == std::vector<int>{0, 3, 5, 7, 9});
  CHECK(cuts({2, 2, 2, 3, 9}, 8) == std::vector<int>{0, 4, 5});
}

TEST_CASE("there is no wavefront where it would save less than a quarter of the time") {
  CHECK(cuts({1, 12, 1, 2, 1}, 2).empty());    // one stage has nearly everything
  CHECK(cuts({0, 5, 0, 5, 0}, 1).empty());     // one thread
  CHECK(cuts({0, 5, 0, 5, 0}, 2, 1).empty());  // it fills and drains for longer than it runs
  CHECK(cuts({0, 5, 0, 5, 0}, 2, 2).size() == 3);
}

TEST_CASE("a stack on threads of their own has the same bits, forward and back") {
  for (int layers : {2, 3, 5})
    for (Index batch : {1, 2, 3})
      for (bool time_major : {false, true})
        for (DType dtype : {float32, float64}) {
          CAPTURE(layers);
          CAPTURE(batch);
          auto cell = stack(layers);
          Tensor x =
              time_major ? random_tensor({300, batch, 9}, 1, 1, dtype) : random_tensor({batch, 300, 9}, 1, 1, dtype);
          DynamicRnnOptions options{.initial_state = random_state(*cell, batch, 50, dtype),
                                    .time_major = time_major,
                                    .executor = Executor::compiled};
          dynamic_rnn(*cell, x, options);
          randomize(*cell, 100, 0.3);
          options.parallel_iterations = 1000;
          Everything want;
          {
            UseThreads one(1);
            want = everything(*cell, x, options);
            CHECK(!has_wavefront(*cell, x, options));
          }
          for (int threads : {2, 3, 8})
            for (int window : {1, 7, 32}) {
              UseThreads use(threads);
              options.parallel_iterations = window;
              CHECK(has_wavefront(*cell, x, options));
              CHECK(first_difference(everything(*cell, x, options), want, 0) == "");
            }
        }
}

TEST_CASE("so have stacks with dropout, inference, and gradients that are taken twice") {
  Tensor x = random_tensor({2, 200, 20}, 1);
  auto run = [&](int threads) {
    UseThreads use(threads);
    std::vector<std::shared_ptr<RNNCell>> layers;
    for (std::uint64_t k = 0; k < 3; ++k) {
      DropoutWrapperOptions drop{.output_keep_prob = 0.7, .state_keep_prob = 0.8, .seed = 5 + k};
      layers.push_back(std::make_shared<DropoutWrapper>(std::make_shared<LSTMCell>(20), drop));
    }
    MultiRNNCell cell(layers);
    DynamicRnnOptions options{.dtype = float64, .executor = Executor::compiled};
    dynamic_rnn(cell, x, options);
    randomize(cell, 100, 0.3);
    CHECK(has_wavefront(cell, x, options) == (threads > 1));
    std::vector<Tensor> all = dynamic_rnn(cell, x, options).outputs.flatten();
    GradientTape tape({.persistent = true});
    tape.watch(x);
    Nest y = dynamic_rnn(cell, x, options).outputs;
    all.push_back(y.leaf());
    for (int k = 0; k < 2; ++k) all.push_back(tape.gradient(y.leaf(), x));
    return all;
  };
  std::vector<Tensor> want = run(1);
  for (int threads : {2, 3}) {
    std::vector<Tensor> got = run(threads);
    for (std::size_t k = 0; k < want.size(); ++k) CHECK(bit_equal(got[k], want[k]));
  }
}

TEST_CASE("ragged rows, many rows, one layer, and chunks that are not all in memory have no wavefront") {
  UseThreads use(2);
  auto cell = stack(2);
  Tensor x = random_tensor({2, 300, 9}, 1);
  DynamicRnnOptions options{.dtype = float64, .executor = Executor::compiled};
  CHECK(has_wavefront(*cell, x, options));
  CHECK(!has_wavefront(*cell, random_tensor({4, 300, 9}, 1), options));
  options.sequence_length = Tensor(Shape{2}, std::vector<std::int64_t>{300, 299});
  CHECK(!has_wavefront(*cell, x, options));
  options.sequence_length = {};
  LSTMCell alone(23);
  CHECK(!has_wavefront(alone, x, options));
  GradientTape tape;
  tape.watch(x);
  CHECK(has_wavefront(*cell, x, options));
  options.swap_memory = true;
  CHECK(!has_wavefront(*cell, x, options));
}
