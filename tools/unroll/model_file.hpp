#pragma once
// Any file of weights, whatever wrote it.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "unroll/io/model_parts.hpp"
#include "unroll/io/nam.hpp"
#include "unroll/io/named_tensors.hpp"
#include "unroll/io/recurrent_layer.hpp"

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
  std::string format;  // "unroll", "npz", "npy", "safetensors", "json", "rtneural", "nam", "guitarml", "onnx"
  /// All that has a name; of layers under the names of their variables.
  NamedTensors tensors;
  /// None in formats that hold tensors alone, unless these have names of PyTorch or Keras.
  std::vector<std::shared_ptr<Module>> modules = {};
  /// The modules from the input to the output.
  std::vector<RecurrentLayer> layers = {};
  Signal signal = {};
  /// What the names and shapes of PyTorch or Keras lack to be layers, and what the file has if they are.
  std::string no_layers = {};
  NamedTensors stored = {};

  std::vector<Module*> pointers() const;
  /// Throws ValueError in the name of `who` if there is no layer.
  void check_layers(const std::string& who) const;
  /// Throws ValueError, which names the cell, if a layer has two directions, which `what` cannot hold or do.
  void check_one_direction(const std::string& who, const std::string& what) const;
};

/// By its extension and, for JSON, by the keys of its outermost object, in whatever order; tensors with names of
/// PyTorch or Keras are layers as the options say. Throws as the readers do, ValueError for another extension or a
/// module that only a program can construct.
ModelFile read_model(const std::filesystem::path& path, const PartOptions& options = {});

}  // namespace unroll::program
