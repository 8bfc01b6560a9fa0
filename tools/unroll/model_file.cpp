#include "model_file.hpp"

#include <charconv>
#include <fstream>
#include <map>

#include "unroll/cells/basic_lstm_cell.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"
#include "unroll/io/json_reader.hpp"
#include "unroll/io/layer_files.hpp"
#include "unroll/io/model_restore.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/onnx_layers.hpp"
#include "unroll/io/safetensors.hpp"

namespace unroll::program {
namespace {

// The options of a record by name, with their types.
class Options {
 public:
  explicit Options(const ModuleRecord& record) : record_(record) {}

  Index integer(const std::string& key) const {
    const auto* number = std::get_if<Index>(&find(key));
    if (!number) raise<ValueError>(record_.class_name, "there is no option \"", key, "\"");
    constexpr Index largest = 1 << 24;  // whose gates can be counted
    if (*number > largest) raise<ValueError>(record_.class_name, key, " is ", *number, ", expected at most ", largest);
    return *number;
  }
  double number(const std::string& key, double otherwise) const {
    if (const auto* real = std::get_if<double>(&find(key))) return *real;
    const auto* whole = std::get_if<Index>(&find(key));
    return whole ? static_cast<double>(*whole) : otherwise;
  }
  bool flag(const std::string& key, bool otherwise) const {
    const auto* value = std::get_if<bool>(&find(key));
    return value ? *value : otherwise;
  }
  ActivationArgument activation() const {
    const auto* text = std::get_if<std::string>(&find("activation"));
    return text && !text->empty() ? ActivationArgument(*text) : ActivationArgument();
  }
  std::optional<double> optional_number(const std::string& key) const {
    return is_null(key) ? std::optional<double>() : number(key, 0);
  }
  std::optional<Index> optional_integer(const std::string& key) const {
    return is_null(key) ? std::optional<Index>() : integer(key);
  }

 private:
  bool is_null(const std::string& key) const { return std::holds_alternative<std::monostate>(find(key)); }
  const ConfigValue& find(const std::string& key) const {
    static const ConfigValue none;
    for (const auto& [name, value] : record_.config)
      if (name == key) return value;
    return none;
  }
  const ModuleRecord& record_;
};

std::shared_ptr<Module> construct(const ModuleRecord& record);

std::shared_ptr<RNNCell> construct_cell(const ModuleRecord& record) {
  auto cell = std::dynamic_pointer_cast<RNNCell>(construct(record));
  if (!cell) raise<ValueError>(record.class_name, "it is no cell");
  return cell;
}

std::shared_ptr<Module> construct(const ModuleRecord& record) {
  const Options o(record);
  if (record.class_name == "BasicRNNCell")
    return std::make_shared<BasicRNNCell>(o.integer("num_units"),
                                          BasicRNNCellOptions{.activation = o.activation(), .name = record.name});
  if (record.class_name == "BasicLSTMCell")
    return std::make_shared<BasicLSTMCell>(o.integer("num_units"),
                                           BasicLSTMCellOptions{.forget_bias = o.number("forget_bias", 1),
                                                                .state_is_tuple = o.flag("state_is_tuple", true),
                                                                .activation = o.activation(),
                                                                .name = record.name});
  if (record.class_name == "LSTMCell")
    return std::make_shared<LSTMCell>(o.integer("num_units"),
                                      LSTMCellOptions{.use_peepholes = o.flag("use_peepholes", false),
                                                      .cell_clip = o.optional_number("cell_clip"),
                                                      .num_proj = o.optional_integer("num_proj"),
                                                      .proj_clip = o.optional_number("proj_clip"),
                                                      .forget_bias = o.number("forget_bias", 1),
                                                      .state_is_tuple = o.flag("state_is_tuple", true),
                                                      .activation = o.activation(),
                                                      .name = record.name});
  const GRUCellOptions gru{.activation = o.activation(), .name = record.name};
  if (record.class_name == "GRUCell") return std::make_shared<GRUCell>(o.integer("num_units"), gru);
  if (record.class_name == "CudnnCompatibleGRUCell")
    return std::make_shared<CudnnCompatibleGRUCell>(o.integer("num_units"), gru);
  if (record.class_name == "Dense")
    return std::make_shared<Dense>(
        o.integer("units"),
        DenseOptions{.activation = o.activation(), .use_bias = o.flag("use_bias", true), .name = record.name});
  if (record.class_name == "MultiRNNCell") {
    std::vector<std::shared_ptr<RNNCell>> cells;
    for (const ModuleRecord& inner : record.modules) cells.push_back(construct_cell(inner));
    return std::make_shared<MultiRNNCell>(
        cells, MultiRNNCellOptions{.state_is_tuple = o.flag("state_is_tuple", true), .name = record.name});
  }
  raise<ValueError>(record.class_name, "\"", record.name, "\" can be constructed by a program alone");
}

std::shared_ptr<Module> construct(const LayerWeights& w) {
  ModuleRecord record;
  record.config = {{w.kind == LayerKind::dense ? "units" : "num_units", w.units()},
                   {"activation", w.activation},
                   {"use_bias", w.bias.defined()}};
  record.class_name = w.kind == LayerKind::dense             ? "Dense"
                      : w.kind == LayerKind::rnn             ? "BasicRNNCell"
                      : w.kind == LayerKind::lstm            ? "LSTMCell"
                      : w.kind == LayerKind::gru_reset_after ? "CudnnCompatibleGRUCell"
                                                             : "GRUCell";
  if (w.kind == LayerKind::lstm) record.config.emplace_back("forget_bias", 0.0);
  return construct(record);
}

// One stack of the cells and the Dense layers behind it, as a program would have them.
void add_layers(ModelFile& file, const std::string& who, const std::vector<LayerWeights>& layers) {
  std::vector<std::shared_ptr<RNNCell>> cells;
  std::map<std::string, int> counts;
  for (const LayerWeights& w : layers) {
    std::shared_ptr<Module> module = construct(w);
    if (auto cell = std::dynamic_pointer_cast<RNNCell>(module); cell && file.modules.empty())
      cells.push_back(cell);
    else
      file.modules.push_back(module);
  }
  if (cells.size() == 1) file.modules.insert(file.modules.begin(), cells[0]);
  if (cells.size() > 1) file.modules.insert(file.modules.begin(), std::make_shared<MultiRNNCell>(cells));
  // Dense layers of one name would share it.
  std::size_t next = 0;
  for (const auto& module : file.modules) {
    const int count = counts[module->name()]++;
    const Index inputs = layers[next].inputs();
    next += module->class_name() == "MultiRNNCell" ? module->submodules().size() : 1;
    if (count > 0) {
      VariableScope scope("layer_" + std::to_string(count));
      module->build(TensorSpec{{1, inputs}, float32});
    } else {
      module->build(TensorSpec{{1, inputs}, float32});
    }
  }
  assign_layer_weights(who, file.pointers(), layers, float32);
}

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

}  // namespace

std::vector<Module*> ModelFile::pointers() const {
  std::vector<Module*> result;
  for (const auto& module : modules) result.push_back(module.get());
  return result;
}

ModelFile read_model(const std::filesystem::path& path) {
  const std::string extension = path.extension().string(), who = path.string();
  if (extension == ".npz") return {"npz", read_npz(path)};
  if (extension == ".npy") return {"npy", {{path.stem().string(), read_npy(path)}}};
  if (extension == ".safetensors") return {"safetensors", read_safetensors(path).tensors};
  ModelFile file{extension == ".nam" ? "nam" : extension == ".aidax" ? "rtneural" : "", {}};
  if (extension == ".json") file.format = kind_of_json(path);
  if (file.format == "unroll") {
    const std::vector<ModuleRecord> records = read_json(who, path);
    try {
      for (const ModuleRecord& record : records) file.modules.push_back(construct(record));
    } catch (const ValueError& error) {
      raise<ValueError>(who, error.what());
    }
    restore(who, file.pointers(), records);
  } else if (file.format == "rtneural") {
    AidaxInfo info;
    add_layers(file, who, read_aidax_layers(who, path, info));
    file.signal = {.skip = info.in_skip, .in_gain = info.in_gain, .out_gain = info.out_gain, .metadata = info.metadata};
    if (auto rate = info.metadata.find("samplerate"); rate != info.metadata.end())
      file.signal.sample_rate = sample_rate(who, rate->second);
  } else if (file.format == "nam") {
    NamInfo info;
    add_layers(file, who, read_nam_layers(who, path, info));
    file.signal = {.initial_states = info.initial_states, .sample_rate = info.sample_rate, .metadata = info.metadata};
  } else if (file.format == "guitarml") {
    GuitarMLInfo info;
    add_layers(file, who, read_guitarml_layers(who, path, info));
    file.signal.skip = info.skip;
  } else if (extension == ".onnx") {
    file.format = "onnx";
    std::vector<LayerWeights> layers;
    for (const OnnxLayer& layer : read_onnx_layers(who, path)) {
      if (layer.backward) raise<ValueError>(who, "layers in two directions can be loaded by a program alone");
      layers.push_back(layer.forward);
    }
    add_layers(file, who, layers);
  } else {
    raise<ValueError>(who, "expected .json, .npz, .npy, .safetensors, .nam, .aidax or .onnx");
  }
  file.tensors = named_variables(who, file.pointers());
  return file;
}

}  // namespace unroll::program
