// The README's program: an LSTM learns to remember the first of up to twenty numbers.
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

int main() {
  set_random_seed(1);
  LSTMCell cell(32);
  Dense head(1);
  Adam adam({.learning_rate = 1e-2});
  for (int step = 0; step <= 400; ++step) {
    Tensor x = random_normal({64, 20, 1});          // (batch, time, depth)
    Tensor lengths = random_integers({64}, 1, 21);  // each row has 1 to 20 steps
    Tensor first = squeeze(slice(x, {0, 0, 0}, {-1, 1, 1}), {1});

    GradientTape tape;
    auto [outputs, state] = dynamic_rnn(cell, x, {.sequence_length = lengths, .dtype = float32});
    Tensor loss = mean_squared_error(first, head(state["h"]));
    adam.minimize(tape, loss);
    if (step % 100 == 0) std::cout << "step " << step << "  loss " << loss.item<float>() << '\n';
    if (step == 400 && loss.item<float>() > 0.1f) return 1;
  }
  save_json("quickstart.json", cell, head);
}
