#pragma once
// Any file of weights, whatever wrote it.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "unroll/io/named_tensors.hpp"

namespace unroll::program {

struct ModelFile {
  std::string format;  // "unroll", "npz", "npy", "safetensors", "rtneural", "nam", "guitarml"
  /// All that has a name.
  NamedTensors tensors;
  /// The layers; none in formats that hold tensors alone.
  std::vector<std::shared_ptr<Module>> modules = {};

  std::vector<Module*> pointers() const;
};

/// By its extension and, for JSON, by its first keys. Throws as the readers do, ValueError for another extension or a
/// module that only a program can construct.
ModelFile read_model(const std::filesystem::path& path);

}  // namespace unroll::program
