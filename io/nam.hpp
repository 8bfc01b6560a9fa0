#pragma once
// Neural Amp Modeler's .nam, architecture "LSTM": https://github.com/sdatkinson/NeuralAmpModelerCore
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll {

/// What a file says beside the weights.
struct NamInfo {
  double sample_rate = 48000;
  /// The state before the first sample, for each layer from the lowest, of shape (units,); null: zeros.
  struct InitialState {
    Tensor hidden, cell;
  };
  std::vector<InitialState> initial_states = {};
  /// "name", "modeled_by", "gear_type", ...
  std::map<std::string, std::string> metadata = {};
};

/// Writes a stack of LSTMCell or BasicLSTMCell (or one) and a Dense without activation. The file is complete or not
/// there. Throws ValueError, naming module and option, for what the format does not hold: other cells, layers of
/// different sizes, peepholes, projections, clipping, activations; IOError if the file cannot be written.
void save_nam(const std::filesystem::path& path, Module& cell, Module& head, const NamInfo& info = {});

/// Gives a stack (or one cell) and a Dense the weights of a file; what is not built is built. Throws IOError if the
/// file cannot be read, DataLossError if it is damaged, of another architecture, or has more or fewer weights than it
/// says; ValueError if its model is not that of the modules; then nothing has changed.
NamInfo load_nam(const std::filesystem::path& path, Module& cell, Module& head);

}  // namespace unroll
