#include "train_options.hpp"

#include "unroll/optim/cosine_decay.hpp"

namespace unroll::program {
namespace {

template <class Value>
CLI::Option* add(CLI::App& command, const char* name, Value& value, const CLI::Validator& check, const char* text) {
  return command.add_option(name, value, text)->check(check)->capture_default_str();
}

}  // namespace

Schedule TrainOptions::schedule(std::int64_t steps_per_epoch) const {
  return cosine_decay({.learning_rate = learning_rate, .decay_steps = total(steps_per_epoch), .alpha = 0.01});
}

void add_train_options(CLI::App& command, TrainOptions& options) {
  constexpr std::int64_t most = 1'000'000'000;
  command.add_option("--out", options.out, "the run's folder")->required()->configurable(false);
  command.add_flag("--resume", options.resume, "goes on with the run in the folder, which the same options began")
      ->configurable(false);
  add(command, "--units", options.units, CLI::Range(1, 1 << 14), "of each recurrent layer");
  auto* epochs =
      add(command, "--epochs", options.epochs, CLI::Range(std::int64_t{1}, most), "times that all data is seen");
  command.add_option("--steps", options.steps, "of the optimiser, instead of epochs")
      ->check(CLI::Range(std::int64_t{1}, most))
      ->excludes(epochs);
  add(command, "--batch", options.batch, CLI::Range(1, 1 << 16), "sequences that a step looks at");
  add(command, "--learning-rate", options.learning_rate, CLI::PositiveNumber,
      "of Adam; falls along a cosine to a hundredth");
  add(command, "--clip", options.clip, CLI::NonNegativeNumber,
      "global norm that gradients are clipped to; 0: they are not");
  add(command, "--validation", options.validation, CLI::Range(0.01, 0.9), "share of the data that is held out");
  add(command, "--patience", options.patience, CLI::Range(0, 1 << 20),
      "ends after so many epochs whose held-out loss was no better than the best; 0: never");
  add(command, "--checkpoint-every", options.checkpoint_every, CLI::Range(std::int64_t{1}, most), "steps");
  add(command, "--seed", options.seed, CLI::NonNegativeNumber,
      "of weights, order and dropout: equal seeds give equal bits");
}

void add_layer_options(CLI::App& command, TrainOptions& options) {
  add(command, "--cell", options.cell, CLI::IsMember({"gru", "lstm", "rnn"}),
      "of the recurrent layers; gru is PyTorch's and cuDNN's");
  add(command, "--layers", options.layers, CLI::Range(1, 16), "recurrent ones, one on another");
  add(command, "--dropout", options.dropout, CLI::Range(0.0, 0.95),
      "share of each layer's outputs that training drops");
}

}  // namespace unroll::program
