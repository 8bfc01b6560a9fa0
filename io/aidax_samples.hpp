#pragma once
// The self-test in AIDA-X's files: a signal and what the plug-in answers to it.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "unroll/io/aidax.hpp"
#include "unroll/io/layer_weights.hpp"

namespace unroll {

/// Adds "input_batch" and "output_batch", 2048 numbers each, for a cell and a Dense that AIDA-X runs. Adds nothing
/// where the answer is not known: with a skip and an output gain, which the plug-in's versions apply differently, or if
/// it is no finite float32.
void add_aidax_samples(nlohmann::ordered_json& json, const std::vector<LayerWeights>& layers, const AidaxInfo& info);

/// Throws DataLossError in the name of `who`, with the first sample that differs, if the layers do not answer as the
/// file says; passes over files without samples, and models whose answer is not known.
void check_aidax_samples(const std::string& who, const nlohmann::ordered_json& json,
                         const std::vector<LayerWeights>& layers, const AidaxInfo& info);

}  // namespace unroll
