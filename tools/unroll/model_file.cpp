#include "model_file.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "construct.hpp"
#include "model_layers.hpp"
#include "unroll/core/listed.hpp"
#include "unroll/io/json_document.hpp"
#include "unroll/io/json_reader.hpp"
#include "unroll/io/json_tensor.hpp"
#include "unroll/io/json_text.hpp"
#include "unroll/io/layer_files.hpp"
#include "unroll/io/model_restore.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/onnx_layers.hpp"
#include "unroll/io/safetensors.hpp"

namespace unroll::program {
namespace {

using nlohmann::ordered_json;

double sample_rate(const std::string& who, const std::string& text) {
  double rate = 0;
  if (auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
      error != std::errc() || !(rate > 0))
    raise<DataLossError>(who, "metadata.samplerate is \"", text.substr(0, 40), "\", expected a rate in Hz");
  return rate;
}

std::vector<DirectedLayers> one_by_one(const std::vector<LayerWeights>& layers) {
  std::vector<DirectedLayers> result;
  for (const LayerWeights& layer : layers) result.push_back({{layer}, {}});
  return result;
}

// Of a file that says the dtype of its tensors.
void add_tensors(ModelFile& file, const std::string& who, const std::vector<DirectedLayers>& layers) {
  add_layers(file, who, layers, layers.front().forward.front().dtype());
}

// Whose names some of these are, if any.
std::string origin_of(const std::vector<std::string>& names) {
  auto any = [&](std::initializer_list<std::string_view> endings) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return std::any_of(endings.begin(), endings.end(), [&](std::string_view end) { return name.ends_with(end); });
    });
  };
  if (any({"weight_ih_l0", ".weight"})) return "PyTorch";
  return any({"/recurrent_kernel", "/recurrent_kernel:0"}) ? "Keras" : "";
}

// With layers, if their names and shapes tell which.
ModelFile of_tensors(const std::string& who, const std::string& format, NamedTensors tensors,
                     const PartOptions& options) {
  ModelFile file{format, std::move(tensors)};
  std::vector<std::string> names;
  for (const auto& [name, tensor] : file.tensors) names.push_back(name);
  const std::string origin = origin_of(names);
  if (origin.empty()) return file;
  file.format += ", names of " + origin;
  try {
    const auto parts = origin == "PyTorch" ? torch_parts(file.tensors, options) : keras_parts(file.tensors, options);
    add_tensors(file, who, layers_in_order(parts, options));
  } catch (const ValueError& error) {
    file.modules.clear();
    file.layers.clear();
    file.no_layers = error.what();
    return file;
  }
  file.stored = std::exchange(file.tensors, named_variables(who, file.pointers()));
  return file;
}

ModelFile own_file(const std::string& who, const std::filesystem::path& path) {
  ModelFile file{"unroll", {}};
  const std::vector<ModuleRecord> records = read_json(who, path);
  try {
    for (const ModuleRecord& record : records) file.modules.push_back(construct(record));
  } catch (const ValueError& error) {
    raise<ValueError>(who, error.what());
  }
  for (Module* module : file.pointers()) file.layers.push_back({module});
  restore(who, file.pointers(), records);
  return file;
}

ModelFile rtneural_file(const std::string& who, const ordered_json& json) {
  ModelFile file{"rtneural", {}};
  AidaxInfo info;
  add_layers(file, who, one_by_one(read_aidax_layers(who, json, info)), float32);
  file.signal = {.skip = info.in_skip, .in_gain = info.in_gain, .out_gain = info.out_gain, .metadata = info.metadata};
  if (auto rate = info.metadata.find("samplerate"); rate != info.metadata.end())
    file.signal.sample_rate = sample_rate(who, rate->second);
  return file;
}

ModelFile nam_file(const std::string& who, const ordered_json& json) {
  ModelFile file{"nam", {}};
  NamInfo info;
  add_layers(file, who, one_by_one(read_nam_layers(who, json, info)), float32);
  file.signal = {.initial_states = info.initial_states, .sample_rate = info.sample_rate, .metadata = info.metadata};
  return file;
}

ModelFile guitarml_file(const std::string& who, const ordered_json& json) {
  ModelFile file{"guitarml", {}};
  GuitarMLInfo info;
  add_layers(file, who, one_by_one(read_guitarml_layers(who, json, info)), float32);
  file.signal.skip = info.skip;
  return file;
}

// Tensors under names of PyTorch or Keras.
ModelFile named_file(const std::string& who, const ordered_json& json, const PartOptions& options) {
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  const std::string origin = origin_of(names);
  if (origin.empty()) {
    constexpr std::size_t most = 5;
    const bool more = names.size() > most;
    if (more) names.resize(most);
    const std::string keys = listed(names, [](const std::string& name) { return '"' + name.substr(0, 40) + '"'; });
    raise<DataLossError>(
        who, "the keys are ", keys.empty() ? "none" : keys, more ? ", ..." : "",
        ", expected \"format\" (unroll), \"in_shape\" (RTNeural, AIDA-X), \"architecture\" (NAM), \"model_data\" "
        "(GuitarML), or tensors by PyTorch's names as \"rec.weight_ih_l0\", \"lin.weight\", or Keras's");
  }
  return of_tensors(who, "json", tensors_from_json(who + ": tensors by names of " + origin, json), options);
}

// By its outermost keys, in whatever order. Files of our own, which may be large, are not read into one tree: what has
// no key of another's is searched first for what they say.
ModelFile json_file(const std::string& who, const std::filesystem::path& path, const PartOptions& options) {
  const std::string guitarml = "model_data", nam = "architecture", rtneural = "in_shape", format = "format";
  auto is_of_another = [&](const std::string& key) {
    return key == guitarml || key == nam || key == rtneural || !origin_of({key}).empty();
  };
  if (json_file_says(who, path, format, "unroll", is_of_another)) return own_file(who, path);
  const ordered_json json = parse_json_file(who, path);
  if (!json.is_object() || (json.contains(format) && json[format] == "unroll")) return own_file(who, path);
  if (json.contains(guitarml)) return guitarml_file(who, json);
  if (json.contains(nam)) return nam_file(who, json);
  if (json.contains(rtneural)) return rtneural_file(who, json);
  if (json.contains(format) || json.contains("modules")) return own_file(who, path);
  return named_file(who, json, options);
}

// Of formats that have layers.
ModelFile layers_file(const std::string& who, const std::filesystem::path& path, const PartOptions& options) {
  const std::string extension = path.extension().string();
  if (extension == ".json") return json_file(who, path, options);
  if (extension == ".aidax") return rtneural_file(who, parse_json_file(who, path));
  if (extension == ".nam") return nam_file(who, parse_json_file(who, path));
  if (extension != ".onnx") raise<ValueError>(who, "expected .json, .npz, .npy, .safetensors, .nam, .aidax or .onnx");
  ModelFile file{"onnx", {}};
  add_tensors(file, who, read_onnx_layers(who, path));
  return file;
}

}  // namespace

std::vector<Module*> ModelFile::pointers() const {
  std::vector<Module*> result;
  for (const auto& module : modules) result.push_back(module.get());
  return result;
}

void ModelFile::check_layers(const std::string& who) const {
  if (modules.empty())
    raise<ValueError>(who, "the file holds tensors without layers", no_layers.empty() ? "" : ": ", no_layers);
}

void ModelFile::check_one_direction(const std::string& who, const std::string& what) const {
  for (const RecurrentLayer& layer : layers)
    if (layer.backward)
      raise<ValueError>(who, layer.forward->class_name(), " \"", layer.forward->name(), "\" has two directions, which ",
                        what);
}

ModelFile read_model(const std::filesystem::path& path, const PartOptions& options) {
  const std::string extension = path.extension().string(), who = path.string();
  if (extension == ".npz") return of_tensors(who, "npz", read_npz(path), options);
  if (extension == ".safetensors") return of_tensors(who, "safetensors", read_safetensors(path).tensors, options);
  if (extension == ".npy") return {"npy", {{path.stem().string(), read_npy(path)}}};
  ModelFile file = layers_file(who, path, options);
  if (file.tensors.empty()) file.tensors = named_variables(who, file.pointers());
  return file;
}

}  // namespace unroll::program
