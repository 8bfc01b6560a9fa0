// Transfer: a network that has read many pictures of the digits 0 to 4 learns 5 to 9 from four pictures of each. First
// its cell is frozen and a new head trained; then everything is fine-tuned with small steps. A network that starts from
// nothing does worse with so few.
#include <fstream>
#include <iostream>
#include <sstream>
#include <unroll/unroll.hpp>

#include "data.hpp"

using namespace unroll;

namespace {

struct Digits {
  std::vector<Example> many, few, held_out;  // 0 to 4; four each of 5 to 9, and the rest of them
};

// Rows of eight pixels, and the digit, from 0 on in both groups.
Digits read_digits() {
  std::ifstream file(data_file("digits.csv"));
  Digits digits;
  std::vector<int> taken(10, 0);
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::vector<float> pixels(64);
    std::int32_t digit = 0;
    char comma = 0;
    for (float& pixel : pixels) in >> pixel >> comma, pixel = pixel / 8 - 1;
    in >> digit;
    const Example example{Tensor(Shape{8, 8}, pixels), Tensor(digit % 5)};
    const bool is_new = digit >= 5, is_few = is_new && taken[static_cast<std::size_t>(digit)]++ < 4;
    (!is_new ? digits.many : is_few ? digits.few : digits.held_out).push_back(example);
  }
  return digits;
}

Tensor logits(RNNCell& cell, Dense& head, const Batch& batch) {
  return head(dynamic_rnn(cell, batch.inputs, {.dtype = float32}).state["h"]);
}

void train(RNNCell& cell, Dense& head, const std::vector<Example>& examples, int epochs, double learning_rate) {
  Adam adam({.learning_rate = learning_rate});
  const Batches batches(examples, {.batch_size = 20});
  fit({&cell, &head}, adam, batches,
      [&](const Batch& batch) {
        return reduce_mean(sparse_softmax_cross_entropy_with_logits(batch.targets, logits(cell, head, batch)));
      },
      {.epochs = epochs, .clip_norm = 1});
}

double accuracy(RNNCell& cell, Dense& head, const std::vector<Example>& examples) {
  const Batch all = Batches(examples, {.batch_size = static_cast<Index>(examples.size())}).get(0, 0);
  return reduce_mean(cast(equal(argmax(logits(cell, head, all), 1, int32), all.targets), float32)).item<double>();
}

}  // namespace

int main() {
  set_random_seed(1);
  const Digits digits = read_digits();
  LSTMCell cell(64), fresh_cell(64);
  Dense old_head(5), new_head(5), fresh_head(5);

  train(cell, old_head, digits.many, 15, 5e-3);
  cell.freeze();
  train(cell, new_head, digits.few, 60, 1e-2);
  const double frozen = accuracy(cell, new_head, digits.held_out);
  cell.set_trainable(true);
  train(cell, new_head, digits.few, 40, 5e-4);
  const double tuned = accuracy(cell, new_head, digits.held_out);
  train(fresh_cell, fresh_head, digits.few, 100, 5e-3);
  const double fresh = accuracy(fresh_cell, fresh_head, digits.held_out);

  std::cout << "four pictures of each digit: from nothing " << fresh << ", cell frozen " << frozen << ", fine-tuned "
            << tuned << " (target 0.08 more than from nothing)\n";
  return tuned >= fresh + 0.08 ? 0 : 1;
}
