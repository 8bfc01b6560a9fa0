// A training loop of your own, with all that fit() would do and some that it does not: gradients of several batches in
// one step, clipping, a learning rate that warms up and falls, averaged weights, checkpoints, and curves for
// TensorBoard. Stop it and start it again: it goes on where it was.
#include <filesystem>
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

// Which of two halves of a row has the larger sum: (rows, 20, 1) and (rows,) of 0 and 1.
std::pair<Tensor, Tensor> make_batch(Index rows) {
  const Tensor x = random_normal({rows, 20, 1});
  const Tensor first = reduce_sum(slice_axis(x, 1, 0, 10), {1, 2}),
               second = reduce_sum(slice_axis(x, 1, 10, 20), {1, 2});
  return {x, cast(greater(first, second), float32)};
}

}  // namespace

int main() {
  set_random_seed(1);
  const std::filesystem::path run = "training_loop_run";
  LSTMCell cell(24);
  Dense head(1);
  auto logits = [&](const Tensor& x) {
    return squeeze(head(dynamic_rnn(cell, x, {.dtype = float32}).state["h"]), {1});
  };
  logits(make_batch(1).first);  // creates the variables
  std::vector<Variable> variables = cell.variables();
  for (const Variable& v : head.variables()) variables.push_back(v);

  const int steps = 1000, batches_per_step = 2;
  Adam adam({.learning_rate = warm_up(50, cosine_decay({.learning_rate = 2e-2, .decay_steps = steps}))});
  adam.set_non_finite(NonFinite::skip);
  GradientAccumulator accumulator(batches_per_step);
  ExponentialMovingAverage average(0.98);
  average.build(variables);

  Checkpointer checkpointer(run / "checkpoints", {{&cell, &head}, &adam, average.variables()}, {.keep = 2});
  std::int64_t step = 0;
  if (auto found = checkpointer.restore()) {
    step = found->step;
    std::cout << "going on from " << found->path.string() << '\n';
  }
  EventWriter events(run);
  for (; step < steps; ++step) {
    double loss_of_step = 0;
    for (bool complete = false; !complete;) {
      const auto [x, y] = make_batch(32);
      GradientTape tape;
      const Tensor loss = sigmoid_cross_entropy(y, logits(x));
      complete = accumulator.add(adam.compute_gradients(tape, loss, variables));
      loss_of_step += loss.item<double>() / batches_per_step;
    }
    std::vector<Tensor> gradients;
    for (auto& [gradient, variable] : accumulator.take()) gradients.push_back(gradient);
    auto [clipped, norm] = clip_by_global_norm(std::move(gradients), 1.0);
    adam.apply_gradients(clipped, variables);
    average.apply(variables);

    events.scalar("loss", loss_of_step, step);
    events.scalar("gradient_norm", norm.item<double>(), step);
    if (step % 200 == 199) {
      checkpointer.save(step + 1);
      std::cout << "step " << step + 1 << "  loss " << loss_of_step << "  learning rate " << adam.learning_rate()
                << std::endl;
    }
  }

  std::filesystem::remove_all(run / "checkpoints");  // the next start is a new run

  average.swap(variables);
  const auto [x, y] = make_batch(2000);
  const Tensor right = equal(greater(logits(x), Tensor(0.f)), greater(y, Tensor(0.5f)));
  const double accuracy = reduce_mean(cast(right, float32)).item<double>();
  std::cout << "accuracy of the averaged weights: " << accuracy << " (target 0.93)\n";
  return accuracy >= 0.93 ? 0 : 1;
}
