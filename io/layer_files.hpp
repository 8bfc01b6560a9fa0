#pragma once
// The layers of files of other programs, before they go into modules. Errors as of the functions that load them, in the
// name of `who`.
#include <filesystem>

#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/layer_weights.hpp"
#include "unroll/io/nam.hpp"

namespace unroll {

/// RTNeural's files are AIDA-X's without gains.
std::vector<LayerWeights> read_aidax_layers(const std::string& who, const std::filesystem::path& path, AidaxInfo& info);
std::vector<LayerWeights> read_guitarml_layers(const std::string& who, const std::filesystem::path& path,
                                               GuitarMLInfo& info);
std::vector<LayerWeights> read_nam_layers(const std::string& who, const std::filesystem::path& path, NamInfo& info);

}  // namespace unroll
