#pragma once
// The layers of an ONNX file, before they go into modules.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "unroll/io/layer_weights.hpp"

namespace unroll {

/// A layer in one direction or both.
struct OnnxLayer {
  LayerWeights forward;
  std::optional<LayerWeights> backward = {};
};

/// Throws as load_onnx does, in the name of `who`.
std::vector<OnnxLayer> read_onnx_layers(const std::string& who, const std::filesystem::path& path);

}  // namespace unroll
