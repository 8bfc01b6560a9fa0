#pragma once
// The layers of an ONNX file, before they go into modules.
#include <filesystem>
#include <string>
#include <vector>

#include "unroll/io/model_parts.hpp"

namespace unroll {

/// Throws as load_onnx does, in the name of `who`.
std::vector<DirectedLayers> read_onnx_layers(const std::string& who, const std::filesystem::path& path);

}  // namespace unroll
