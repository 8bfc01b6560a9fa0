#pragma once
// Whole models with data, loss and optimizer, for the benchmarks.
#include <functional>
#include <string>

namespace bench {

struct TrainedModel {
  std::string name;
  /// Inputs with a label, or time steps, of one training step.
  double tokens;
  std::function<void()> step;
};

/// The character model of examples/char_lm.cpp: embedding, two LSTM layers, softmax cross-entropy, gradients clipped by
/// their global norm, Adam. Random characters.
TrainedModel char_model(int batch, int time, int units);
/// The adding problem of examples/adding_problem.cpp: one LSTM, the squared error of its last output, Adam.
TrainedModel adding_model(int batch, int time, int units);

}  // namespace bench
