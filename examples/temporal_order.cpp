// Temporal order (Hochreiter and Schmidhuber 1997): among distractors two marked symbols, X or Y each; the class is
// which came first: XX, XY, YX, YY. Rows have different lengths.
//
//     temporal_order [--short]
#include <iostream>
#include <string>
#include <unroll/unroll.hpp>

using namespace unroll;

int main(int argc, char** argv) {
  bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  set_random_seed(1);
  RandomGenerator random(2);
  const Index rows = 64, shortest = is_short ? 10 : 30, longest = is_short ? 15 : 50, alphabet = 6;
  const std::int32_t x = 4;  // 0 to 3 are distractors; 4 is X, 5 is Y
  LSTMCell cell(32);
  Dense head(4);
  Adam adam({.learning_rate = 5e-3});
  float smoothed = 0;
  int step = 0;
  for (const int steps = is_short ? 600 : 1500; step < steps && smoothed < 0.99f;) {
    ++step;
    Tensor symbols = random.integers({rows, longest}, 0, 4, int32),
           lengths = random.integers({rows}, shortest, longest + 1);
    Tensor first = random.integers({rows}, 0, shortest / 3), second = random.integers({rows}, shortest / 2, shortest);
    Tensor which = random.integers({rows, 2}, 0, 2, int32), classes = zeros({rows}, int32);
    for (Index row = 0; row < rows; ++row) {
      std::int32_t a = which.at<std::int32_t>({row, 0}), b = which.at<std::int32_t>({row, 1});
      symbols.set<std::int32_t>({row, first.at<std::int64_t>({row})}, x + a);
      symbols.set<std::int32_t>({row, second.at<std::int64_t>({row})}, x + b);
      classes.set<std::int32_t>({row}, 2 * a + b);
    }
    GradientTape tape;
    auto [outputs, state] =
        dynamic_rnn(cell, one_hot(symbols, alphabet), {.sequence_length = lengths, .dtype = float32});
    Tensor logits = head(state["h"]);
    adam.minimize(tape, reduce_mean(sparse_softmax_cross_entropy_with_logits(classes, logits)));
    float accuracy = reduce_mean(cast(equal(argmax(logits, 1, int32), classes), float32)).item<float>();
    smoothed = 0.9f * smoothed + 0.1f * accuracy;
    if (step % 20 == 0) std::cout << "step " << step << "  accuracy " << smoothed << std::endl;
  }
  std::cout << "accuracy " << smoothed << " after " << step << " steps (target 0.95, guessing 0.25)\n";
  return smoothed >= 0.95f ? 0 : 1;
}
