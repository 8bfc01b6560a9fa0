// Forecasts with intervals: a series whose noise comes and goes. A network predicts not one value but three quantiles
// of the next: below the first lie 5 %, below the second 50 %, below the third 95 % of what happens.
#include <cmath>
#include <fstream>
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

const std::vector<double> quantiles = {0.05, 0.5, 0.95};

// (rows, time, 1): a wave, and noise that is up to five times as large at one of its sides as at the other.
Tensor series(RandomGenerator& random, Index rows, Index time) {
  Tensor phase = random.uniform({rows}, 0, 6.2832), noise = random.normal({rows, time}), out = zeros({rows, time, 1});
  for (Index row = 0; row < rows; ++row)
    for (Index t = 0; t < time; ++t) {
      const double angle = 0.2 * static_cast<double>(t) + phase.at<float>({row});
      const double deviation = 0.15 + 0.1 * std::sin(angle + 1);
      out.set<float>({row, t, 0}, static_cast<float>(std::sin(angle) + deviation * noise.at<float>({row, t})));
    }
  return out;
}

// The quantile (pinball) loss (Koenker and Bassett 1978): max(q e, (q - 1) e) of the error e, least at the quantile q.
Tensor quantile_loss(const Tensor& truth, const Tensor& predicted) {
  const Tensor q(Shape{3}, quantiles), error = truth - predicted, weights(q, float32);
  return reduce_mean(maximum(weights * error, (weights - 1.0) * error));
}

}  // namespace

int main() {
  set_random_seed(1);
  RandomGenerator random(2), fresh(3);
  const Index time = 60, warm_up = 20;
  GRUCell cell(32);
  Dense head(3);
  Adam adam({.learning_rate = exponential_decay({.learning_rate = 1e-2, .decay_steps = 200, .decay_rate = 0.5})});
  auto predict = [&](const Tensor& x) {  // of steps warm_up + 1 on
    Tensor outputs = dynamic_rnn(cell, slice(x, {0, 0, 0}, {-1, time, -1}), {.dtype = float32}).outputs;
    return head(slice(outputs, {0, warm_up, 0}, {-1, -1, -1}));
  };
  auto next = [&](const Tensor& x) { return slice(x, {0, warm_up + 1, 0}, {-1, -1, -1}); };
  for (int step = 1; step <= 1000; ++step) {
    const Tensor x = series(random, 32, time + 1);
    GradientTape tape;
    const Tensor loss = quantile_loss(next(x), predict(x));
    adam.minimize(tape, loss);
    if (step % 200 == 0) std::cout << "step " << step << "  loss " << loss.item<float>() << std::endl;
  }

  const Tensor x = series(fresh, 1000, time + 1), truth = next(x), predicted = predict(x);
  const Tensor low = slice_axis(predicted, 2, 0, 1), high = slice_axis(predicted, 2, 2, 3);
  auto share = [](const Tensor& condition) { return reduce_mean(cast(condition, float32)).item<double>(); };
  const double below = share(less(truth, low)), above = share(greater(truth, high));
  const double width = reduce_mean(high - low).item<double>(), best = 2 * 1.645 * 0.15;
  std::cout << "below the interval " << below << ", above " << above << " (target 0.05 each, 0.01 more or less)\n"
            << "its mean width " << width << " (the least possible " << best << "; without looking at the past 2.3)\n";
  std::ofstream intervals("intervals.csv");
  for (Index t = 0; t < predicted.shape(1); ++t) {
    intervals << warm_up + 1 + t << ',' << truth.at<float>({0, t, 0});
    for (Index quantile = 0; quantile < 3; ++quantile) intervals << ',' << predicted.at<float>({0, t, quantile});
    intervals << '\n';
  }
  const bool calibrated = std::abs(below - 0.05) < 0.01 && std::abs(above - 0.05) < 0.01;
  return calibrated && width < 1.1 * best ? 0 : 1;
}
