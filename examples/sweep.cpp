// A sweep of hyper-parameters: each setting is trained in a thread of its own, several at a time. Every run has its own
// seed, so the results do not depend on how many threads there are or which ends first.
#include <atomic>
#include <iomanip>
#include <iostream>
#include <thread>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

struct Setting {
  Index units;
  double learning_rate;
  float error = 0;  // after training
};

// Rows of 1 to 15 numbers; the answer is their mean.
float train(const Setting& setting) {
  RandomGenerator random(1);
  const Initializer initializer = glorot_uniform_initializer({.seed = 2});
  GRUCell cell(setting.units, {.kernel_initializer = initializer});
  Dense head(1, {.kernel_initializer = initializer});
  Adam adam({.learning_rate = setting.learning_rate});
  float smoothed = 1;
  for (int step = 0; step < 400; ++step) {
    const Tensor x = random.normal({32, 15, 1}), lengths = random.integers({32}, 1, 16);
    const Tensor mask = sequence_mask(lengths, 15, float32);
    const Tensor mean = reduce_sum(squeeze(x, {2}) * mask, {1}) / cast(lengths, float32);
    GradientTape tape;
    const Tensor state = dynamic_rnn(cell, x, {.sequence_length = lengths, .dtype = float32}).state;
    const Tensor loss = mean_squared_error(expand_dims(mean, 1), head(state));
    adam.minimize(tape, loss);
    smoothed = 0.95f * smoothed + 0.05f * loss.item<float>();
  }
  return smoothed;
}

}  // namespace

int main() {
  std::vector<Setting> settings;
  for (Index units : {4, 16, 32})
    for (double learning_rate : {1e-4, 1e-3, 1e-2, 1e-1}) settings.push_back({units, learning_rate});

  const int workers = num_threads();
  set_num_threads(1);  // inside each run
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> threads;
    for (int k = 0; k < workers; ++k)
      threads.emplace_back([&] {
        for (std::size_t mine; (mine = next++) < settings.size();) settings[mine].error = train(settings[mine]);
      });
  }

  std::cout << "units  learning rate  error\n";
  const Setting* best = &settings[0];
  for (const Setting& setting : settings) {
    std::cout << std::setw(5) << setting.units << std::setw(15) << setting.learning_rate << "  " << setting.error
              << '\n';
    if (setting.error < best->error) best = &setting;
  }
  const bool same = train(*best) == best->error;
  std::cout << "best: " << best->units << " units, learning rate " << best->learning_rate << ", error " << best->error
            << " (target 0.02); trained again the same: " << (same ? "yes" : "NO") << '\n';
  return same && best->error < 0.02f ? 0 : 1;
}
