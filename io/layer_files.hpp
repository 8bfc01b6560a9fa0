#pragma once
// The layers of files of other programs, as parse_json_file gives these, before they go into modules. Errors as of the
// functions that load them, in the name of `who`.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/layer_weights.hpp"
#include "unroll/io/nam.hpp"

namespace unroll {

/// RTNeural's files are AIDA-X's without gains.
std::vector<LayerWeights> read_aidax_layers(const std::string& who, const nlohmann::ordered_json& json,
                                            AidaxInfo& info);
std::vector<LayerWeights> read_guitarml_layers(const std::string& who, const nlohmann::ordered_json& json,
                                               GuitarMLInfo& info);
std::vector<LayerWeights> read_nam_layers(const std::string& who, const nlohmann::ordered_json& json, NamInfo& info);

}  // namespace unroll
