// from_tensorflow.py, a script of TensorFlow v1, line by line in C++; then with the weights that the script saved.
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

struct Rows {
  Tensor x, lengths, labels;
};

// Is the first number of a row larger than its last?
Rows make_batch(Index rows, RandomGenerator& generator) {
  Tensor x = generator.uniform({rows, 20, 1}), lengths = generator.integers({rows}, 2, 21, int32);
  Tensor at_last = expand_dims(one_hot(lengths - Tensor(1), 20), 2);
  Tensor first = slice(x, {0, 0, 0}, {-1, 1, 1}), last = reduce_sum(x * at_last, {1}, true);
  return {x, lengths, cast(reshape(greater(first, last), {rows}), int32)};
}

std::shared_ptr<DropoutWrapper> make_layer() {
  return std::make_shared<DropoutWrapper>(LSTMCell(16), DropoutWrapperOptions{.output_keep_prob = 0.9});
}

struct Model {
  Tensor operator()(const Rows& rows) {
    auto [outputs, state] = dynamic_rnn(cell, rows.x, {.sequence_length = rows.lengths, .dtype = float32});
    return dense(state[state.size() - 1]["h"]);
  }
  double accuracy(const Rows& rows) {
    for (auto& layer : layers) layer->set_training(false);
    Tensor correct = equal(argmax((*this)(rows), 1, int32), rows.labels);
    for (auto& layer : layers) layer->set_training(true);
    return reduce_mean(cast(correct, float32)).item<double>();
  }

  std::vector<std::shared_ptr<DropoutWrapper>> layers{make_layer(), make_layer()};
  MultiRNNCell cell{{layers.begin(), layers.end()}};
  Dense dense{2};
};

}  // namespace

int main(int, char** argv) {
  set_random_seed(1);
  RandomGenerator generator(2);
  Model model;
  Adam optimizer({.learning_rate = 1e-2});
  for (int step = 0; step < 600; ++step) {
    Rows batch = make_batch(64, generator);
    GradientTape tape;
    Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(batch.labels, model(batch)));
    const std::vector<Variable> variables = tape.watched_variables();
    auto [clipped, norm] = clip_by_global_norm(tape.gradient(loss, variables), 1.0);
    optimizer.apply_gradients(clipped, variables);
    if (step % 50 == 0) std::cout << "step " << step << "  loss " << loss.item<float>() << '\n';
  }
  Rows test = make_batch(1000, generator);
  const double accuracy = model.accuracy(test);
  std::cout << "accuracy " << accuracy << " (target 0.94, TensorFlow 0.966)\n";

  load_npz(std::filesystem::path(argv[0]).replace_filename("from_tensorflow.npz"), model.cell, model.dense);
  const double of_tensorflow = model.accuracy(test);
  std::cout << "with the weights of the script " << of_tensorflow << '\n';
  return accuracy >= 0.94 && of_tensorflow >= 0.94 ? 0 : 1;
}
