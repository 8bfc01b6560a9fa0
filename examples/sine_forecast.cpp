// Forecasting: a network sees a noisy sum of two sines and predicts the next value; then it goes on by itself, fed with
// its own predictions.
//
//     sine_forecast [--short]
#include <cmath>
#include <iostream>
#include <string>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

// (rows, time, 1): sin of two frequencies, each row with phases of its own.
Tensor waves(RandomGenerator& random, Index rows, Index time) {
  Tensor phase = random.uniform({rows, 2}, 0, 6.2832);
  Tensor out = zeros({rows, time, 1});
  for (Index row = 0; row < rows; ++row)
    for (Index t = 0; t < time; ++t)
      out.set<float>({row, t, 0}, 0.5f * std::sin(0.25f * static_cast<float>(t) + phase.at<float>({row, 0})) +
                                      0.5f * std::sin(0.41f * static_cast<float>(t) + phase.at<float>({row, 1})));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  set_random_seed(1);
  RandomGenerator random(2);
  const Index time = 60, ahead = 20;
  MultiRNNCell cell(GRUCell(32), GRUCell(32));
  Dense head(1);
  Adam adam({.learning_rate = 4e-3});
  for (int step = 1; step <= (is_short ? 300 : 1500); ++step) {
    Tensor x = waves(random, 32, time + 1);
    Tensor past = slice(x, {0, 0, 0}, {-1, time, -1}), next = slice(x, {0, 1, 0}, {-1, time, -1});
    GradientTape tape;
    Tensor noisy = past + random.normal(past.shape(), 0, 0.02);
    Tensor loss = mean_squared_error(next, head(dynamic_rnn(cell, noisy, {.dtype = float32}).outputs));
    adam.minimize(tape, loss);
    if (step % 100 == 0) std::cout << "step " << step << "  error " << loss.item<float>() << std::endl;
  }

  Tensor x = waves(random, 32, time + ahead);
  auto [outputs, state] = dynamic_rnn(cell, slice(x, {0, 0, 0}, {-1, time, -1}), {.dtype = float32});
  Tensor guess = head(slice(outputs, {0, time - 1, 0}, {-1, 1, -1}));
  std::vector<Tensor> forecast{guess};
  while (static_cast<Index>(forecast.size()) < ahead) {
    auto [output, next] = dynamic_rnn(cell, guess, {.initial_state = state});
    state = next;
    forecast.push_back(guess = head(output));
  }
  Tensor truth = slice(x, {0, time, 0}, {-1, ahead, -1});
  float error = mean_squared_error(truth, concat(forecast, 1)).item<float>();
  float variance = reduce_mean(square(truth)).item<float>(), target = is_short ? 0.1f : 0.02f;
  std::cout << "error " << error << " over " << ahead << " steps ahead (target " << target << ", variance " << variance
            << ")\n";
  return error < target ? 0 : 1;
}
