#pragma once
// Layers as RTNeural's JSON, which AIDA-X's is built on.
#include <nlohmann/json.hpp>
#include <string>

#include "unroll/io/layer_weights.hpp"

namespace unroll {

/// {"in_shape": .., "layers": ..}. Throws ValueError in the name of `who` for what RTNeural does not compute.
nlohmann::ordered_json rtneural_json(std::string_view who, const std::vector<LayerWeights>& layers);
/// The layers of such an object. Throws DataLossError in the name of `who` for anything that is not of the format.
std::vector<LayerWeights> rtneural_layers(const std::string& who, const nlohmann::ordered_json& json);

}  // namespace unroll
