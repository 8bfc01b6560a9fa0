// Handwritten digits, read as sequences: row by row (8 steps of 8 pixels) and pixel by pixel (64 steps of one), where
// the class is told at the end. A third of the 1,797 digits is held out.
//
//     sequential_digits [--short]      the rows alone
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <unroll/unroll.hpp>

#include "data.hpp"

using namespace unroll;

namespace {

// Of each line 64 pixels of 0 .. 16, as `steps` steps, and the digit.
std::vector<Example> read_digits(Index steps) {
  std::ifstream file(data_file("digits.csv"));
  std::vector<Example> digits;
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::vector<float> pixels(64);
    std::int32_t digit = 0;
    char comma = 0;
    for (float& pixel : pixels) in >> pixel >> comma, pixel = pixel / 8 - 1;
    in >> digit;
    digits.push_back({Tensor(Shape{steps, 64 / steps}, pixels), Tensor(digit)});
  }
  return digits;
}

// The share of held-out digits that are right.
double train(RNNCell& cell, Index steps, int epochs, double learning_rate) {
  std::vector<Example> digits = read_digits(steps), training, held_out;
  std::vector<Index> order(digits.size());
  for (std::size_t k = 0; k < digits.size(); ++k) order[k] = static_cast<Index>(k);
  shuffle(order, {.seed = 1});
  for (std::size_t k = 0; k < digits.size(); ++k)
    (k % 3 == 0 ? held_out : training).push_back(digits[static_cast<std::size_t>(order[k])]);
  const Batches batches(training, {.batch_size = 32}), test(held_out, {.batch_size = 600, .shuffle = false});

  Dense head(10);
  Adam adam({.learning_rate = cosine_decay({.learning_rate = learning_rate, .decay_steps = epochs * batches.size()})});
  auto logits = [&](const Batch& batch) {
    return head(slice_axis(dynamic_rnn(cell, batch.inputs, {.dtype = float32}).outputs.leaf(), 1, steps - 1, steps));
  };
  fit({&cell, &head}, adam, batches,
      [&](const Batch& batch) {
        return reduce_mean(sparse_softmax_cross_entropy_with_logits(expand_dims(batch.targets, 1), logits(batch)));
      },
      {.epochs = epochs, .clip_norm = 1, .progress = &std::cout});
  const Batch all = test.get(0, 0);
  const Tensor right = equal(squeeze(argmax(logits(all), 2, int32), {1}), all.targets);
  return reduce_mean(cast(right, float32)).item<double>();
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  set_random_seed(1);
  LSTMCell by_rows(64);
  const double rows = train(by_rows, 8, 30, 1e-2);
  std::cout << "row by row: " << rows << " right (target 0.95)\n";
  if (is_short) return rows >= 0.95 ? 0 : 1;
  GRUCell by_pixels(64);
  const double pixels = train(by_pixels, 64, 60, 5e-3);
  std::cout << "pixel by pixel: " << pixels << " right (target 0.92)\n";
  return rows >= 0.95 && pixels >= 0.92 ? 0 : 1;
}
