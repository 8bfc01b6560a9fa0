#include "unroll/io/nam.hpp"

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/json_tensor.hpp"
#include "unroll/io/json_text.hpp"
#include "unroll/io/layer_checks.hpp"
#include "unroll/io/layer_files.hpp"

namespace unroll {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view format = "NAM";
constexpr const char* version = "0.5.4";

void check_layers(std::string_view who, const std::vector<LayerWeights>& layers) {
  for (std::size_t k = 0; k + 1 < layers.size(); ++k) {
    const LayerWeights& w = layers[k];
    check_kind(who, format, w, {LayerKind::lstm});
    check_no_projection(who, format, w);
    check_activation(who, format, w, {"tanh"});
    if (w.units() != layers[0].units())
      refuse(who, w, "has ", w.units(), " units, ", layers[0].label(), " ", layers[0].units(),
             ", NAM holds layers of one size");
  }
  check_kind(who, format, layers.back(), {LayerKind::dense});
  check_activation(who, format, layers.back(), {"linear"});
  check_sizes_follow(who, layers);
  check_finite(who, layers);
}

// The weights in the order of the file.
class FlatReader {
 public:
  FlatReader(const std::string& who, const Tensor& weights) : who_(who), weights_(weights) {}

  Tensor take(const Shape& shape) {
    if (weights_.size() - next_ < shape.size())
      raise<DataLossError>(who_, "weights has ", weights_.size(), " numbers, expected more");
    Tensor part = slice_rows(weights_, next_, next_ + shape.size());
    next_ += shape.size();
    return reshape(part, shape);
  }
  void finish() const {
    if (next_ != weights_.size())
      raise<DataLossError>(who_, "weights has ", weights_.size(), " numbers, expected ", next_);
  }

 private:
  const std::string& who_;
  const Tensor& weights_;
  Index next_ = 0;
};

Tensor flat(const Tensor& tensor) { return reshape(tensor, Shape{tensor.size()}); }

Tensor initial(std::string_view who, const Tensor& given, const LayerWeights& w) {
  if (!given) return zeros({w.units()}, w.kernel.dtype());
  if (given.shape() != Shape{w.units()})
    refuse(who, w, "has an initial state of shape ", given.shape(), ", expected (", w.units(), ",)");
  return Tensor(given, w.kernel.dtype());
}

}  // namespace

void save_nam(const std::filesystem::path& path, Module& cell, Module& head, const NamInfo& info) {
  constexpr std::string_view who = "save_nam";
  const std::vector<LayerWeights> layers = layer_weights(who, {&cell, &head});
  check_layers(who, layers);
  if (!info.initial_states.empty() && info.initial_states.size() != layers.size() - 1)
    raise<ValueError>(who, info.initial_states.size(), " initial states given for ", layers.size() - 1, " layers");
  std::vector<Tensor> parts;
  for (std::size_t k = 0; k + 1 < layers.size(); ++k) {
    const LayerWeights& w = layers[k];
    NamInfo::InitialState state;
    if (!info.initial_states.empty()) state = info.initial_states[k];
    parts.push_back(flat(transpose(concat(w.kernel, w.recurrent_kernel, 0))));
    parts.push_back(w.bias_or_zeros());
    parts.push_back(initial(who, state.hidden, w));
    parts.push_back(initial(who, state.cell, w));
  }
  parts.push_back(flat(transpose(layers.back().kernel)));
  parts.push_back(layers.back().bias_or_zeros());
  ordered_json config = {
      {"input_size", layers[0].inputs()}, {"hidden_size", layers[0].units()}, {"num_layers", layers.size() - 1}};
  if (layers[0].inputs() != 1 || layers.back().outputs() != 1) {
    config["in_channels"] = layers[0].inputs();
    config["out_channels"] = layers.back().outputs();
  }
  const ordered_json json = {{"version", version},
                             {"metadata", info.metadata},
                             {"architecture", "LSTM"},
                             {"config", config},
                             {"weights", tensor_to_json(who, concat(parts, 0))},
                             {"sample_rate", info.sample_rate}};
  const std::string text = dump_json(who, json);
  AtomicFile file(who, path);
  file.write(text);
  file.commit();
}

std::vector<LayerWeights> read_nam_layers(const std::string& who, const ordered_json& json, NamInfo& info) {
  if (const ordered_json& architecture = json_member(who, json, "architecture"); architecture != "LSTM")
    raise<DataLossError>(who, "architecture is ", architecture.dump().substr(0, 40), ", expected \"LSTM\"");
  const ordered_json& config = json_member(who, json, "config");
  const Tensor weights = tensor_from_json(who + ": weights", json_member(who, json, "weights"), 1);
  auto size = [&](const char* key) {
    Index value = json_integer(who + ": config", config, key, 1);
    if (value > weights.size()) raise<DataLossError>(who, "config.", key, " is ", value, ", more than the weights");
    return value;
  };
  const Index inputs = size("input_size"), units = size("hidden_size"), count = size("num_layers");
  const Index outputs = config.contains("out_channels") ? size("out_channels") : 1;
  FlatReader reader(who, weights);
  info.sample_rate = json_number(who, json, "sample_rate", 48000);
  std::vector<LayerWeights> layers;
  for (Index k = 0; k < count; ++k) {
    LayerWeights w{.kind = LayerKind::lstm, .activation = "tanh"};
    const Index depth = k == 0 ? inputs : units;
    const Tensor kernel = transpose(reader.take({4 * units, depth + units}));
    w.kernel = slice_rows(kernel, 0, depth);
    w.recurrent_kernel = slice_rows(kernel, depth, depth + units);
    w.bias = reader.take({4 * units});
    Tensor hidden = reader.take({units});
    info.initial_states.push_back({hidden, reader.take({units})});
    layers.push_back(w);
  }
  LayerWeights lin;
  lin.kernel = transpose(reader.take({outputs, units}));
  lin.bias = reader.take({outputs});
  reader.finish();
  layers.push_back(lin);
  if (json.contains("metadata") && json["metadata"].is_object())
    for (const auto& [key, value] : json["metadata"].items())
      info.metadata[key] = value.is_string() ? value.get<std::string>() : value.dump();
  return layers;
}

NamInfo load_nam(const std::filesystem::path& path, Module& cell, Module& head) {
  const std::string who = "load_nam: " + path.string();
  NamInfo info;
  assign_layer_weights(who, {&cell, &head}, read_nam_layers(who, parse_json_file(who, path), info), float32);
  return info;
}

}  // namespace unroll
