#include "unroll/io/aidax.hpp"

#include <algorithm>

#include "unroll/core/listed.hpp"
#include "unroll/io/aidax_samples.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/json_tensor.hpp"
#include "unroll/io/json_text.hpp"
#include "unroll/io/layer_checks.hpp"
#include "unroll/io/layer_files.hpp"
#include "unroll/io/rtneural_layers.hpp"

namespace unroll {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view format = "AIDA-X";
constexpr Index sizes[] = {8, 12, 16, 20, 24, 32, 40, 64, 80}, most_inputs = 3;

void check_architecture(std::string_view who, const std::vector<LayerWeights>& layers) {
  check_cell_and_dense(who, format, layers);
  const LayerWeights &cell = layers[0], &head = layers[1];
  if (std::find(std::begin(sizes), std::end(sizes), cell.units()) == std::end(sizes))
    refuse(who, cell, "has ", cell.units(), " units, AIDA-X runs ",
           listed(sizes, [](Index size) { return std::to_string(size); }));
  if (cell.inputs() > most_inputs) refuse(who, cell, "has ", cell.inputs(), " inputs, AIDA-X runs 1 to ", most_inputs);
  if (head.outputs() != 1) refuse(who, head, "has ", head.outputs(), " units, AIDA-X runs one");
}

}  // namespace

void save_aidax(const std::filesystem::path& path, Module& cell, Module& head, const AidaxInfo& info) {
  constexpr std::string_view who = "save_aidax";
  const std::vector<LayerWeights> layers = layer_weights(who, {&cell, &head});
  check_architecture(who, layers);
  ordered_json json = rtneural_json(who, layers);
  json["in_skip"] = info.in_skip ? 1 : 0;
  json["in_gain"] = info.in_gain;
  json["out_gain"] = info.out_gain;
  add_aidax_samples(json, layers, info);
  json["metadata"] = info.metadata;
  // The plug-in passes over a rate that is text.
  if (auto rate = info.metadata.find("samplerate"); rate != info.metadata.end())
    if (ordered_json number = ordered_json::parse(rate->second, nullptr, false); number.is_number())
      json["metadata"]["samplerate"] = number;
  const std::string text = dump_json(who, json);
  AtomicFile file(who, path);
  file.write(text);
  file.commit();
}

std::vector<LayerWeights> read_aidax_layers(const std::string& who, const ordered_json& json, AidaxInfo& info) {
  std::vector<LayerWeights> layers = rtneural_layers(who, json);
  const double skip = json_number(who, json, "in_skip", 0);
  if (skip != 0 && skip != 1) raise<DataLossError>(who, "in_skip is ", skip, ", expected 0 or 1");
  info.in_skip = skip == 1;
  info.in_gain = json_number(who, json, "in_gain", 0);
  info.out_gain = json_number(who, json, "out_gain", 0);
  if (json.contains("metadata")) {
    if (!json["metadata"].is_object()) raise<DataLossError>(who, "metadata is no object");
    for (const auto& [key, value] : json["metadata"].items())
      info.metadata[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  check_aidax_samples(who, json, layers, info);
  return layers;
}

AidaxInfo load_aidax(const std::filesystem::path& path, Module& cell, Module& head) {
  const std::string who = "load_aidax: " + path.string();
  AidaxInfo info;
  assign_layer_weights(who, {&cell, &head}, read_aidax_layers(who, parse_json_file(who, path), info), float32);
  return info;
}

}  // namespace unroll
