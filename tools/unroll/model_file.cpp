#include "model_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <utility>

#include "construct.hpp"
#include "model_layers.hpp"
#include "unroll/io/json_reader.hpp"
#include "unroll/io/layer_files.hpp"
#include "unroll/io/model_restore.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/onnx_layers.hpp"
#include "unroll/io/safetensors.hpp"

namespace unroll::program {
namespace {

double sample_rate(const std::string& who, const std::string& text) {
  double rate = 0;
  if (auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
      error != std::errc() || !(rate > 0))
    raise<DataLossError>(who, "metadata.samplerate is \"", text.substr(0, 40), "\", expected a rate in Hz");
  return rate;
}

std::string kind_of_json(const std::filesystem::path& path) {
  std::string head(4096, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  if (head.find("\"model_data\"") != std::string::npos) return "guitarml";
  if (head.find("\"architecture\"") != std::string::npos) return "nam";
  if (head.find("\"in_shape\"") != std::string::npos) return "rtneural";
  return "unroll";
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

bool are_torch(const NamedTensors& tensors) {
  return std::any_of(tensors.begin(), tensors.end(), [](const auto& entry) {
    const std::string& name = entry.first;
    return name.ends_with("weight_ih_l0") || name.ends_with(".weight");
  });
}
bool are_keras(const NamedTensors& tensors) {
  return std::any_of(tensors.begin(), tensors.end(), [](const auto& entry) {
    const std::string& name = entry.first;
    return name.ends_with("/recurrent_kernel") || name.ends_with("/recurrent_kernel:0");
  });
}

// With layers, if their names and shapes tell which.
ModelFile of_tensors(const std::string& who, const std::string& format, NamedTensors tensors,
                     const PartOptions& options) {
  ModelFile file{format, std::move(tensors)};
  const bool torch = are_torch(file.tensors);
  if (!torch && !are_keras(file.tensors)) return file;
  file.format += torch ? ", names of PyTorch" : ", names of Keras";
  try {
    const auto parts = torch ? torch_parts(file.tensors, options) : keras_parts(file.tensors, options);
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
  ModelFile file{extension == ".nam" ? "nam" : extension == ".aidax" ? "rtneural" : "", {}};
  if (extension == ".json") file.format = kind_of_json(path);
  if (file.format == "unroll") {
    const std::vector<ModuleRecord> records = read_json(who, path);
    try {
      for (const ModuleRecord& record : records) file.modules.push_back(construct(record));
    } catch (const ValueError& error) {
      raise<ValueError>(who, error.what());
    }
    for (Module* module : file.pointers()) file.layers.push_back({module});
    restore(who, file.pointers(), records);
  } else if (file.format == "rtneural") {
    AidaxInfo info;
    add_layers(file, who, one_by_one(read_aidax_layers(who, path, info)), float32);
    file.signal = {.skip = info.in_skip, .in_gain = info.in_gain, .out_gain = info.out_gain, .metadata = info.metadata};
    if (auto rate = info.metadata.find("samplerate"); rate != info.metadata.end())
      file.signal.sample_rate = sample_rate(who, rate->second);
  } else if (file.format == "nam") {
    NamInfo info;
    add_layers(file, who, one_by_one(read_nam_layers(who, path, info)), float32);
    file.signal = {.initial_states = info.initial_states, .sample_rate = info.sample_rate, .metadata = info.metadata};
  } else if (file.format == "guitarml") {
    GuitarMLInfo info;
    add_layers(file, who, one_by_one(read_guitarml_layers(who, path, info)), float32);
    file.signal.skip = info.skip;
  } else if (extension == ".onnx") {
    file.format = "onnx";
    add_tensors(file, who, read_onnx_layers(who, path));
  } else {
    raise<ValueError>(who, "expected .json, .npz, .npy, .safetensors, .nam, .aidax or .onnx");
  }
  file.tensors = named_variables(who, file.pointers());
  return file;
}

}  // namespace unroll::program
