#include "unroll/train/truncated.hpp"

#include "toy.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/cells/learned_initial_state.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Seven rows of 6 to 9 steps with targets at each step; masks under a seed of the cell's own.
struct Long {
  DropoutWrapper cell{GRUCell(3), {.output_keep_prob = 0.75, .seed = 9}};
  LearnedInitialState start{cell};
  Dense head{1};
  Adam adam{{.learning_rate = 0.05}};
  Batches batches = [] {
    std::vector<Example> examples;
    for (int k = 0; k < 7; ++k)
      examples.push_back({numbers({6 + k % 4, 2}, k, float32), numbers({6 + k % 4, 1}, k + 30, float32)});
    return Batches(std::move(examples), {.batch_size = 3, .seed = 5});
  }();
  std::vector<Batch> seen;

  Long() { set_random_seed(3); }
  Tensor loss(const Batch& window, Nest& state) {
    seen.push_back(window);
    auto [outputs, next] =
        dynamic_rnn(cell, window.inputs, {.sequence_length = window.lengths, .initial_state = state});
    state = next;
    return mean_squared_error(window.targets, head(outputs));
  }
  FitResult fit(TruncatedOptions truncated, const FitOptions& options) {
    if (!truncated.initial_state) truncated.initial_state = [&](Index rows) { return start(rows); };
    return fit_truncated(
        {&cell, &start, &head}, adam, batches, [&](const Batch& b, Nest& s) { return loss(b, s); }, truncated, options);
  }
  std::vector<Tensor> values() const {
    std::vector<Tensor> all;
    for (const auto& list : {cell.variables(), start.variables(), head.variables(), adam.variables()})
      for (const Variable& v : list) all.push_back(v.value());
    return all;
  }
};

}  // namespace

TEST_CASE("windows follow one another and carry the state, without its gradient") {
  Long by_fit, by_hand;
  CHECK(by_fit.fit({.window = 4}, {.epochs = 1}).step == 7);  // batches of 9 or 8, 8 or 7, and 6 steps at most
  set_random_seed(3);
  Nest state = by_hand.start(3);
  const auto variables = [&] {
    std::vector<Variable> all;
    for (Module* m : std::vector<Module*>{&by_hand.cell, &by_hand.start, &by_hand.head})
      for (const Variable& v : m->variables()) all.push_back(v);
    return all;
  };
  for (Index b = 0; b < 3; ++b) {
    const Batch batch = by_hand.batches.get(0, b);
    const Index rows = batch.inputs.shape(0), time = batch.inputs.shape(1);
    if (b == 0) {  // what builds the modules
      state = by_hand.start(rows);
      by_hand.loss({slice_axis(batch.inputs, 1, 0, 4), slice_axis(batch.targets, 1, 0, 4), full({rows}, 4, int32)},
                   state);
    }
    for (Index first = 0; first < time; first += 4) {
      const Index last = std::min<Index>(first + 4, time);
      GradientTape tape;
      if (first == 0) state = by_hand.start(rows);
      std::vector<std::int32_t> lengths;
      for (std::int32_t n : batch.lengths.values<std::int32_t>())
        lengths.push_back(static_cast<std::int32_t>(std::clamp<Index>(n - first, 0, last - first)));
      Tensor loss = by_hand.loss({slice_axis(batch.inputs, 1, first, last), slice_axis(batch.targets, 1, first, last),
                                  Tensor(Shape{rows}, lengths)},
                                 state);
      by_hand.adam.minimize(tape, loss, variables());
      state = state.map([](const Tensor& t) { return t.clone(); });
    }
  }
  check_same_bits(by_fit.values(), by_hand.values());
}

TEST_CASE("a run that is ended within a batch reaches the same bits, with masks under a seed") {
  for (bool carry : {true, false}) {
    TemporaryFolder folder;
    Long whole, first, second;
    const TruncatedOptions truncated{.window = 2, .burn_in = 1, .carry_state = carry};
    whole.fit(truncated, {.steps = 20, .folder = folder / "whole"});
    set_random_seed(3);
    FitOptions cut{.steps = 20, .folder = folder / "cut", .checkpoint_every = 100};
    cut.on_step = [](const FitStatus& status) { return status.step < 6; };
    CHECK(first.fit(truncated, cut).step == 6);
    set_random_seed(99);
    cut.on_step = {};
    CHECK(second.fit(truncated, cut).resumed == 6);
    check_same_bits(second.values(), whole.values());
  }
}

TEST_CASE("a burn-in goes before the loss, and the gradient through it to the initial state") {
  Long toy;
  std::vector<Batch>& seen = toy.seen;
  toy.fit({.window = 3, .burn_in = 2}, {.steps = 1});
  REQUIRE(seen.size() == 4);  // the first two build the modules
  CHECK(seen[2].inputs.shape(1) == 2);
  CHECK(seen[3].inputs.shape(1) == 3);
  const Batch batch = toy.batches.get(0, 0);
  CHECK(array_equal(seen[2].inputs, slice_axis(batch.inputs, 1, 0, 2)));
  CHECK(array_equal(seen[3].targets, slice_axis(batch.targets, 1, 2, 5)));
  CHECK_FALSE(array_equal(toy.start.variables()[0], zeros({3})));
  seen.clear();
  Long anew;
  anew.fit({.window = 3, .burn_in = 2, .carry_state = false}, {.steps = 2});
  REQUIRE(anew.seen.size() == 6);
  CHECK(array_equal(anew.seen[4].inputs, slice_axis(batch.inputs, 1, 3, 5)));
  CHECK_THROWS_WITH_AS(anew.fit({.window = 3, .burn_in = 6}, {.epochs = 1}),
                       doctest::Contains("expected more than the burn-in of 6"), ValueError);
  CHECK_THROWS_AS(anew.fit({.window = 0}, {.epochs = 1}), ValueError);
  CHECK_THROWS_AS(anew.fit({.window = 1, .burn_in = -1}, {.epochs = 1}), ValueError);
}

TEST_CASE("validation goes over windows") {
  Long toy;
  const FitResult result = toy.fit({.window = 4}, {.steps = 2, .validation = &toy.batches, .validate_every = 1});
  CHECK(std::isfinite(*result.best_validation_loss));
  CHECK(toy.seen.size() == 1 + 2 + 2 * 7);
}
