#pragma once
// The options of recipes.
#include <cstdint>
#include <string>

#include "commands.hpp"
#include "unroll/core/dtype.hpp"
#include "unroll/core/shape.hpp"
#include "unroll/optim/learning_rate.hpp"

namespace unroll::program {

struct TrainOptions {
  std::string cell = "lstm";
  Index units = 64, layers = 1, batch = 32;
  std::int64_t epochs = 20, steps = 0, checkpoint_every = 500;
  double learning_rate = 5e-3, clip = 1, dropout = 0, validation = 0.1;
  int patience = 10;
  std::uint64_t seed = 1;
  std::string out = {};
  bool resume = false;

  /// Steps of the optimiser in all.
  std::int64_t total(std::int64_t steps_per_epoch) const { return steps > 0 ? steps : epochs * steps_per_epoch; }
  /// Falls along a cosine to a hundredth.
  Schedule schedule(std::int64_t steps_per_epoch) const;
};

/// Their values are the defaults.
void add_train_options(CLI::App& command, TrainOptions& options);
/// --cell, --layers, --dropout.
void add_layer_options(CLI::App& command, TrainOptions& options);

}  // namespace unroll::program
