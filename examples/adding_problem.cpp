// The adding problem (Hochreiter and Schmidhuber 1997): 100 random numbers, two of them marked; the answer is the sum
// of those two. Predicting the mean gives an error of 0.167. A plain recurrent network stays there, an LSTM does not.
//
//     adding_problem [--short]
#include <iostream>
#include <string>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

struct Batch {
  Tensor x, sum;  // (rows, time, 2): value and mark; (rows, 1)
};

Batch make_batch(RandomGenerator& random, Index rows, Index time) {
  Tensor value = random.uniform({rows, time, 1}), mark = zeros({rows, time, 1});
  Tensor first = random.integers({rows}, 0, time / 2), second = random.integers({rows}, time / 2, time);
  for (Index row = 0; row < rows; ++row) {
    mark.set<float>({row, first.at<std::int64_t>({row}), 0}, 1);
    mark.set<float>({row, second.at<std::int64_t>({row}), 0}, 1);
  }
  return {concat(value, mark, 2), reduce_sum(value * mark, {1})};
}

// Mean squared error on fresh data after `steps` steps.
float train(const std::string& name, RNNCell& cell, Index time, int steps, float target) {
  RandomGenerator random(1), fresh(2);
  Dense head(1);
  Adam adam({.learning_rate = 5e-3});
  auto predict = [&](const Tensor& x) {
    Tensor outputs = dynamic_rnn(cell, x, {.dtype = float32}).outputs;
    return head(squeeze(slice(outputs, {0, time - 1, 0}, {-1, 1, -1}), {1}));
  };
  float error = 1;
  for (int step = 1; step <= steps; ++step) {
    Batch batch = make_batch(random, 64, time);
    GradientTape tape;
    Tensor loss = mean_squared_error(batch.sum, predict(batch.x));
    std::vector<Variable> variables = cell.variables();
    for (const Variable& v : head.variables()) variables.push_back(v);
    auto [gradients, norm] = clip_by_global_norm(tape.gradient(loss, variables), 1.0);
    adam.apply_gradients(gradients, variables);
    if (step % 100 == 0) {
      Batch test = make_batch(fresh, 500, time);
      error = mean_squared_error(test.sum, predict(test.x)).item<float>();
      std::cout << name << "  step " << step << "  error " << error << std::endl;
      if (error < target) break;
    }
  }
  return error;
}

}  // namespace

int main(int argc, char** argv) {
  bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  set_random_seed(1);
  const Index time = is_short ? 20 : 100;
  const float target = 0.01f;
  BasicRNNCell basic(32);
  LSTMCell lstm(32);
  float error_of_basic = train("BasicRNN", basic, time, is_short ? 100 : 500, target);
  float error_of_lstm = train("LSTM    ", lstm, time, is_short ? 1500 : 3000, target);
  std::cout << "BasicRNN " << error_of_basic << ", LSTM " << error_of_lstm << " (target " << target
            << ", the mean 0.167)\n";
  return error_of_lstm < target ? 0 : 1;
}
