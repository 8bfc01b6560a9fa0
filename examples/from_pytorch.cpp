// A model that from_pytorch.py has trained: its weights come in, are trained on, and go back to PyTorch.
#include <cmath>
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

struct Rows {
  Tensor x, lengths, target;
};

// The range of a row: its largest number minus its smallest.
Rows make_batch(Index rows, RandomGenerator& random) {
  Tensor x = random.uniform({rows, 20, 1}), lengths = random.integers({rows}, 2, 21);
  Tensor is_there = expand_dims(sequence_mask(lengths, 20), 2);
  Tensor largest = reduce_max(where(is_there, x, Tensor(0.f)), {1}),
         smallest = reduce_min(where(is_there, x, Tensor(1.f)), {1});
  return {x, lengths, largest - smallest};
}

struct Model {
  CudnnCompatibleGRUCell forwards{16}, backwards{16};  // nn.GRU(1, 16, batch_first=True, bidirectional=True)
  Dense head{1};                                       // nn.Linear(32, 1)

  Tensor operator()(const Rows& rows) {
    auto [outputs, states] =
        bidirectional_dynamic_rnn(forwards, backwards, rows.x, {.sequence_length = rows.lengths, .dtype = float32});
    return head(concat(states[0], states[1], 1));
  }
  double error(const Rows& rows) { return std::sqrt(mean_squared_error(rows.target, (*this)(rows)).item<double>()); }
};

}  // namespace

int main(int, char** argv) {
  RandomGenerator random(1);
  Model model;
  const Safetensors file =
      read_safetensors(std::filesystem::path(argv[0]).replace_filename("from_pytorch.safetensors"));
  load_torch_state_dict(file.tensors, {{&model.forwards, &model.backwards}}, "rnn.");
  load_torch_state_dict(file.tensors, model.head, "head.");
  const Rows test = make_batch(1000, random);
  const double loaded = model.error(test);
  std::cout << "error with PyTorch's weights: " << loaded << " (in PyTorch 0.064)\n";

  Adam adam({.learning_rate = 2e-3});
  for (int step = 0; step < 200; ++step) {
    const Rows batch = make_batch(64, random);
    GradientTape tape;
    adam.minimize(tape, mean_squared_error(batch.target, model(batch)));
    if (step % 20 == 0) std::cout << "step " << step << "  error " << model.error(test) << '\n';
  }
  const double trained = model.error(test);
  std::cout << "trained on: " << trained << " (target 0.06)\n";

  NamedTensors state_dict = torch_state_dict({{&model.forwards, &model.backwards}}, "rnn.");
  for (auto& tensor : torch_state_dict(model.head, "head.")) state_dict.push_back(tensor);
  write_safetensors("to_pytorch.safetensors", state_dict);
  return std::abs(loaded - 0.064) < 0.01 && trained < 0.06 ? 0 : 1;
}
