// Copy memory (Hochreiter and Schmidhuber 1997): a few symbols, a pause, a mark; then the symbols are to be repeated.
//
//     copy_memory [--short]
#include <cmath>
#include <iostream>
#include <string>
#include <unroll/unroll.hpp>

using namespace unroll;

int main(int argc, char** argv) {
  bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  set_random_seed(1);
  RandomGenerator random(2);
  const Index symbols = 8, count = is_short ? 3 : 5, pause = is_short ? 4 : 10, rows = 64, time = 2 * count + pause;
  const std::int32_t blank = 0, mark = static_cast<std::int32_t>(symbols) + 1;
  GRUCell cell(is_short ? 48 : 96);
  Dense head(symbols + 1);
  Adam adam({.learning_rate = 1e-2});
  const int steps = is_short ? 500 : 1000;
  float accuracy = 0;
  for (int step = 1; step <= steps; ++step) {
    // in:  s s s . . . . ! . .      out:  . . . . . . . s s s
    Tensor in = full({rows, time}, blank, int32), out = in;
    Tensor s = random.integers({rows, count}, 1, symbols + 1, int32);
    for (Index row = 0; row < rows; ++row) {
      for (Index k = 0; k < count; ++k) {
        in.set<std::int32_t>({row, k}, s.at<std::int32_t>({row, k}));
        out.set<std::int32_t>({row, time - count + k}, s.at<std::int32_t>({row, k}));
      }
      in.set<std::int32_t>({row, time - count - 1}, mark);
    }
    GradientTape tape;
    Tensor logits = head(dynamic_rnn(cell, one_hot(in, symbols + 2), {.dtype = float32}).outputs);
    Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(out, logits));
    adam.minimize(tape, loss);

    Tensor recalled = slice(cast(equal(argmax(logits, 2, int32), out), float32), {0, time - count}, {-1, -1});
    accuracy = reduce_mean(recalled).item<float>();
    if (step % 100 == 0)
      std::cout << "step " << step << "  loss " << loss.item<float>() << "  recalled " << accuracy << std::endl;
  }
  std::cout << "recalled " << accuracy << " (target 0.95, guessing " << 1.0 / static_cast<double>(symbols) << ")\n";
  return accuracy >= 0.95f ? 0 : 1;
}
