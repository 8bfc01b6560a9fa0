// Sequences of twenty thousand steps: the whole gradient in little memory, and truncated back-propagation.
#include <iostream>
#include <unroll/unroll.hpp>

#include "print_loss.hpp"

using namespace unroll;

namespace {

constexpr Index steps = 20000;

// Zeros with a pulse of 1 or -1 now and then; the target is, at each step, the last pulse so far (0 before the first).
Example pulses(RandomGenerator& random) {
  Tensor x = zeros({steps, 1}), last = zeros({steps, 1});
  const Tensor chance = random.uniform({steps});
  float now = 0;
  for (Index t = 0; t < steps; ++t) {
    const float u = chance.at<float>({t}), pulse = u < 0.01f ? 1.f : u < 0.02f ? -1.f : 0.f;
    if (pulse != 0) now = pulse;
    x.set({t, 0}, pulse);
    last.set({t, 0}, now);
  }
  return {x, last};
}

struct Model {
  LSTMCell cell{16};
  Dense head{1};

  std::vector<Tensor> gradient(const Batch& batch, const DynamicRnnOptions& options) {
    GradientTape tape;
    auto [outputs, state] = dynamic_rnn(cell, batch.inputs, options);
    return tape.gradient(mean_squared_error(batch.targets, head(outputs)), cell.variables());
  }
};

}  // namespace

int main() {
  set_random_seed(1);
  RandomGenerator random(2);
  std::vector<Example> rows;
  for (int k = 0; k < 8; ++k) rows.push_back(pulses(random));
  Batches batches(std::move(rows), {.batch_size = 8});
  Model model;

  // All 20,000 steps walked back: what that needs is 61 MB, or no more than 2 MB.
  const Batch batch = batches.get(0, 0);
  const std::vector<Tensor> stored = model.gradient(batch, {.dtype = float32});
  const std::vector<Tensor> recomputed =
      model.gradient(batch, {.dtype = float32, .swap_memory = true, .memory_limit = 2'000'000});
  const bool same = bit_equal(stored[0], recomputed[0]) && bit_equal(stored[1], recomputed[1]);
  std::cout << "in 2 MB the same gradient: " << (same ? "yes" : "no") << '\n';

  // Steps of the optimiser on 100 time steps each; the state goes on from window to window.
  Adam adam({.learning_rate = 1e-2});
  const FitResult result = fit_truncated(
      {&model.cell, &model.head}, adam, batches,
      [&](const Batch& window, Nest& state) {
        auto [outputs, next] = dynamic_rnn(model.cell, window.inputs, {.initial_state = state});
        state = next;
        return mean_squared_error(window.targets, model.head(outputs));
      },
      {.window = 100, .initial_state = [&](Index count) { return model.cell.zero_state(count, float32); }},
      {.epochs = 3, .clip_norm = 1, .on_step = print_loss_every(50)});

  const Batch fresh = Batches({pulses(random)}).get(0, 0);
  const double error =
      mean_squared_error(fresh.targets, model.head(dynamic_rnn(model.cell, fresh.inputs, {.dtype = float32}).outputs))
          .item<double>();
  std::cout << result.step << " windows; squared error on a new sequence: " << error << " (target 0.02, always 0: 1)\n";
  return same && error < 0.02 ? 0 : 1;
}
