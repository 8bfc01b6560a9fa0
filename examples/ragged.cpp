// Rows of different lengths: what dynamic_rnn does with them, and how to train on them.
#include <cmath>
#include <iostream>
#include <limits>
#include <unroll/unroll.hpp>

#include "print_loss.hpp"

using namespace unroll;

namespace {

// A cell that adds up its inputs: h' = x + h.
void show_running_sums() {
  BasicRNNCell sum(1, {.activation = "linear"});
  sum.build(TensorSpec{{3, 1}, float32});
  sum.variables()[0].assign(ones({2, 1}));

  const float nan = std::numeric_limits<float>::quiet_NaN();
  Tensor x{{{1.f}, {2.f}, {3.f}, {4.f}}, {{5.f}, {6.f}, {nan}, {nan}}, {{nan}, {nan}, {nan}, {nan}}};  // (3, 4, 1)
  Tensor lengths{4, 2, 0};
  auto [outputs, state] = dynamic_rnn(sum, x, {.sequence_length = lengths, .dtype = float32});
  std::cout << "outputs\n" << squeeze(outputs, {2}) << "\nstate\n" << squeeze(state, {1}) << '\n';
}

// Rows of 2 to 40 random numbers, and at each step the mean of those so far.
std::vector<Example> running_means(int count, RandomGenerator& random) {
  std::vector<Example> rows;
  for (int k = 0; k < count; ++k) {
    const Index time = random.integers({}, 2, 41).item<Index>();
    Tensor x = random.uniform({time, 1});
    Tensor steps = reshape(linspace(1, static_cast<double>(time), time), {time, 1});
    rows.push_back({x, cumsum(x, 0) / steps});
  }
  return rows;
}

// The squared error of all steps that are there; where a row has ended the weight is 0.
Tensor squared_error(const Batch& batch, const Tensor& predictions) {
  Tensor weights = expand_dims(sequence_mask(batch.lengths, batch.inputs.shape(1), float32), 2);
  return reduce_sum(weights * square(predictions - batch.targets)) / reduce_sum(weights);
}

struct Model {
  GRUCell cell{16};
  Dense head{1};

  Tensor operator()(const Batch& batch) {
    return head(dynamic_rnn(cell, batch.inputs, {.sequence_length = batch.lengths, .dtype = float32}).outputs);
  }
};

}  // namespace

int main() {
  show_running_sums();

  set_random_seed(1);
  RandomGenerator random(2);
  Batches training(running_means(2000, random), {.batch_size = 50});
  Batches held_out(running_means(500, random), {.batch_size = 500});

  Model model;
  Adam adam({.learning_rate = 1e-2});
  fit({&model.cell, &model.head}, adam, training,
      [&](const Batch& batch) { return squared_error(batch, model(batch)); },
      {.epochs = 10, .on_step = print_loss_every(40)});

  const Batch all = held_out.get(0, 0);
  const double error = std::sqrt(squared_error(all, model(all)).item<double>());
  const double guess = std::sqrt(squared_error(all, Tensor(0.5f)).item<double>());
  std::cout << "error of the running mean: " << error << " (target 0.03, always saying 0.5 " << guess << ")\n";
  return error < 0.03 ? 0 : 1;
}
