#pragma once
// Any file of weights, whatever wrote it.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "unroll/io/nam.hpp"
#include "unroll/io/named_tensors.hpp"

namespace unroll::program {

/// What a model's file says of the signal around the layers.
struct Signal {
  /// Whether the first input is added to the output.
  bool skip = false;
  /// In dB; the output's does not apply with a skip.
  double in_gain = 0, out_gain = 0;
  /// Of each layer from the lowest; none: zeros.
  std::vector<NamInfo::InitialState> initial_states = {};
  std::optional<double> sample_rate = {};
  std::map<std::string, std::string> metadata = {};
};

struct ModelFile {
  std::string format;  // "unroll", "npz", "npy", "safetensors", "rtneural", "nam", "guitarml", "onnx"
  /// All that has a name.
  NamedTensors tensors;
  /// The layers; none in formats that hold tensors alone.
  std::vector<std::shared_ptr<Module>> modules = {};
  Signal signal = {};

  std::vector<Module*> pointers() const;
};

/// By its extension and, for JSON, by its first keys. Throws as the readers do, ValueError for another extension or a
/// module that only a program can construct.
ModelFile read_model(const std::filesystem::path& path);

}  // namespace unroll::program
