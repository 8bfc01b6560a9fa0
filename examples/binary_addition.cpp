// Binary addition: two numbers go in bit by bit, the lowest first, and their sum comes out. What the network has to
// find is the carry. It learns on numbers of up to ten bits and is asked for sums of numbers of forty.
#include <iostream>
#include <unroll/unroll.hpp>

#include "print_loss.hpp"

using namespace unroll;

namespace {

// Two numbers (bits, 2) and their sum (bits, 1), bit by bit; the last bit of both is 0, so that the sum fits.
Example addition(RandomGenerator& random, Index bits) {
  Tensor numbers = cast(random.integers({bits, 2}, 0, 2), float32), sum = zeros({bits, 1});
  numbers.set<float>({bits - 1, 0}, 0);
  numbers.set<float>({bits - 1, 1}, 0);
  float carry = 0;
  for (Index k = 0; k < bits; ++k) {
    const float total = numbers.at<float>({k, 0}) + numbers.at<float>({k, 1}) + carry;
    carry = total >= 2 ? 1.f : 0.f;
    sum.set<float>({k, 0}, total - 2 * carry);
  }
  return {numbers, sum};
}

}  // namespace

int main() {
  set_random_seed(1);
  RandomGenerator random(2);
  std::vector<Example> examples, long_ones;
  for (int k = 0; k < 2000; ++k) examples.push_back(addition(random, 2 + k % 10));
  for (int k = 0; k < 500; ++k) long_ones.push_back(addition(random, 41));

  BasicRNNCell cell(16);
  Dense head(1);
  Adam adam({.learning_rate = 1e-2});
  auto logits = [&](const Batch& batch) {
    return head(dynamic_rnn(cell, batch.inputs, {.sequence_length = batch.lengths, .dtype = float32}).outputs);
  };
  Batches batches(std::move(examples), {.batch_size = 50});
  fit({&cell, &head}, adam, batches,
      [&](const Batch& batch) { return sigmoid_cross_entropy(batch.targets, logits(batch)); },
      {.epochs = 30, .on_step = print_loss_every(100)});

  const Batch test = Batches(std::move(long_ones), {.batch_size = 500}).get(0, 0);
  const Tensor right = equal(greater(logits(test), Tensor(0.f)), greater(test.targets, Tensor(0.5f)));
  const float sums = reduce_mean(cast(reduce_all(right, {1, 2}), float32)).item<float>();
  std::cout << "right sums of numbers of 40 bits: " << sums << " (target 0.99)\n";
  return sums >= 0.99f ? 0 : 1;
}
