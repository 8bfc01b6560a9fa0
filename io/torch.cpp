#include "unroll/io/torch.hpp"

#include <algorithm>
#include <set>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/json_tensor.hpp"
#include "unroll/io/json_text.hpp"
#include "unroll/io/layer_checks.hpp"
#include "unroll/io/model_parts.hpp"

namespace unroll {
namespace {

constexpr std::string_view saving = "torch_state_dict", loading = "load_torch_state_dict", format = "PyTorch";

std::vector<Module*> in_order(std::string_view who, const std::vector<RecurrentLayer>& layers) {
  if (layers.empty()) raise<ValueError>(who, "no layer is given");
  std::vector<Module*> modules;
  for (const RecurrentLayer& layer : layers) {
    if (!layer.forward) raise<ValueError>(who, "expected a cell, got a null pointer");
    if ((layer.backward != nullptr) != (layers[0].backward != nullptr))
      raise<ValueError>(who, module_label(*layer.forward),
                        layer.backward ? " has two directions, " : " has one direction, ",
                        module_label(*layers[0].forward), layer.backward ? " one" : " two",
                        ": no single module of PyTorch holds both");
    modules.push_back(layer.forward);
    if (layer.backward) modules.push_back(layer.backward);
  }
  return modules;
}

void check_computable(std::string_view who, const LayerWeights& w) {
  check_kind(who, format, w, {LayerKind::rnn, LayerKind::lstm, LayerKind::gru_reset_after});
  if (w.kind == LayerKind::rnn)
    check_activation(who, format, w, {"tanh", "relu"});
  else
    check_activation(who, format, w, {"tanh"});
}

std::string suffix(std::size_t k, bool bidirectional) {
  std::string result = "_l" + std::to_string(bidirectional ? k / 2 : k);
  return bidirectional && k % 2 ? result + "_reverse" : result;
}

// The tensors of one state_dict, with a record of which were asked for.
class StateDict {
 public:
  StateDict(const NamedTensors& tensors, const std::string& prefix) : tensors_(tensors), prefix_(prefix) {}

  Tensor find(const std::string& name) {
    asked_.insert(prefix_ + name);
    return find_tensor(tensors_, prefix_ + name);
  }
  // Null if the name is missing and `optional`. Transposed if it is a matrix.
  Tensor take(const std::string& name, const Shape& shape, bool optional = false) {
    Tensor tensor = find(name);
    if (!tensor && optional) return tensor;
    if (!tensor) raise<ValueError>(loading, "there is no \"", prefix_, name, "\"");
    if (!is_floating(tensor.dtype()))
      raise<ValueError>(loading, "\"", prefix_, name, "\" is ", tensor.dtype(), ", expected float32 or float64");
    if (tensor.shape() != shape)
      raise<ValueError>(loading, "\"", prefix_, name, "\" has shape ", tensor.shape(), ", expected ", shape);
    return tensor.rank() == 2 ? transpose(tensor) : tensor;
  }
  Shape shape(const std::string& name) {
    Tensor tensor = find(name);
    if (!tensor) raise<ValueError>(loading, "there is no \"", prefix_, name, "\"");
    if (tensor.rank() != 2)
      raise<ValueError>(loading, "\"", prefix_, name, "\" has shape ", tensor.shape(), ", expected a matrix");
    return tensor.shape();
  }
  void check_all_asked() const {
    for (const auto& [name, tensor] : tensors_)
      if ((name.starts_with(prefix_ + "weight_") || name.starts_with(prefix_ + "bias_")) && !asked_.contains(name))
        raise<ValueError>(loading, "\"", name, "\" belongs to no layer");
  }

 private:
  const NamedTensors& tensors_;
  const std::string& prefix_;
  std::set<std::string> asked_;
};

void read_layer(StateDict& dict, const std::string& end, LayerWeights& w) {
  check_computable(loading, w);
  const Shape ih = dict.shape("weight_ih" + end), hh = dict.shape("weight_hh" + end);
  w.kernel = dict.take("weight_ih" + end, ih);
  w.recurrent_kernel = dict.take("weight_hh" + end, {ih[0], hh[1]});
  w.bias = dict.take("bias_ih" + end, {ih[0]}, true);
  w.recurrent_bias = dict.take("bias_hh" + end, {ih[0]}, true);
  if (w.kind == LayerKind::lstm) w.projection = dict.take("weight_hr" + end, {hh[1], ih[0] / 4}, true);
  if (w.kind != LayerKind::gru_reset_after && w.recurrent_bias) {
    w.bias = w.bias_or_zeros() + w.recurrent_bias;
    w.recurrent_bias = {};
  }
}

void read_linear(StateDict& dict, LayerWeights& w) {
  const Shape shape = dict.shape("weight");
  w.kernel = dict.take("weight", shape);
  w.bias = dict.take("bias", {shape[0]}, true);
}

LayerKind kind_of(StateDict& dict, const std::string& end) {
  const Shape ih = dict.shape("weight_ih" + end), hh = dict.shape("weight_hh" + end);
  const Index units = dict.find("weight_hr" + end) ? dict.shape("weight_hr" + end)[1] : hh[1];
  for (LayerKind kind : {LayerKind::rnn, LayerKind::gru_reset_after, LayerKind::lstm})
    if (units > 0 && ih[0] == LayerWeights{.kind = kind}.gates() * units) return kind;
  raise<ValueError>(loading, "\"weight_ih", end, "\" has shape ", ih, ", which is no RNN, GRU or LSTM of ", units,
                    " units");
}

std::vector<DirectedLayers> recurrent_layers(const NamedTensors& tensors, const std::string& prefix,
                                             const std::string& activation) {
  StateDict dict(tensors, prefix);
  const bool bidirectional = find_tensor(tensors, prefix + "weight_ih_l0_reverse").defined();
  std::vector<DirectedLayers> layers;
  for (std::size_t k = 0; k == 0 || find_tensor(tensors, prefix + "weight_ih" + suffix(k, bidirectional)); ++k) {
    const std::string end = suffix(k, bidirectional);
    LayerWeights w{.kind = kind_of(dict, end), .activation = activation};
    read_layer(dict, end, w);
    if (bidirectional && k % 2 == 1)
      layers.back().backward.push_back(w);
    else
      layers.push_back({{w}, {}});
  }
  if (bidirectional && layers.back().backward.empty())
    raise<ValueError>(loading, "\"", prefix, "\" has a layer in one direction alone");
  dict.check_all_asked();
  return layers;
}

}  // namespace

std::vector<ModelPart> torch_parts(const NamedTensors& tensors, const PartOptions& options) {
  std::vector<ModelPart> parts;
  for (const auto& [full, tensor] : tensors) {
    const std::size_t dot = full.rfind('.');
    const std::string prefix = dot == std::string::npos ? "" : full.substr(0, dot + 1);
    const std::string last = full.substr(prefix.size()), name = prefix.empty() ? "" : full.substr(0, dot);
    const bool recurrent = last.starts_with("weight_") || last.starts_with("bias_");
    if (!recurrent && last != "weight" && last != "bias")
      raise<ValueError>(loading, "\"", full, "\" belongs to no RNN, GRU, LSTM or Linear");
    if (std::any_of(parts.begin(), parts.end(), [&](const ModelPart& part) { return part.name == name; })) continue;
    auto given = options.activations.find(name);
    const bool has = given != options.activations.end();
    if (recurrent) {
      parts.push_back({name, recurrent_layers(tensors, prefix, has ? given->second : "tanh")});
    } else {
      LayerWeights w{.activation = has ? given->second : "linear"};
      StateDict dict(tensors, prefix);
      read_linear(dict, w);
      parts.push_back({name, {{{w}, {}}}});
    }
  }
  return parts;
}

NamedTensors torch_state_dict(const std::vector<RecurrentLayer>& layers, const std::string& prefix) {
  const bool bidirectional = !layers.empty() && layers[0].backward;
  const std::vector<LayerWeights> weights = layer_weights(saving, in_order(saving, layers));
  NamedTensors tensors;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const LayerWeights& w = weights[k];
    check_computable(saving, w);
    const std::size_t directions = bidirectional ? 2 : 1;
    if (w.kind != weights[0].kind || w.units() != weights[0].units() || w.outputs() != weights[0].outputs() ||
        w.activation != weights[0].activation)
      refuse(saving, w, "is of another kind, size or activation than ", weights[0].label(),
             ": no single module of PyTorch holds both");
    const LayerWeights& below = weights[k < directions ? 0 : k - directions];
    const Index inputs = k < directions ? below.inputs() : below.outputs() * static_cast<Index>(directions);
    if (w.inputs() != inputs)
      refuse(saving, w, "has ", w.inputs(), " inputs, expected ", inputs, " as of ",
             k < directions ? "the other direction" : "what lies below");
    const std::string end = suffix(k, bidirectional);
    auto add = [&](const char* name, const Tensor& tensor) {
      tensors.emplace_back(std::string(prefix).append(name).append(end), tensor);
    };
    add("weight_ih", transpose(w.kernel));
    add("weight_hh", transpose(w.recurrent_kernel));
    add("bias_ih", w.bias_or_zeros());
    add("bias_hh", w.recurrent_bias_or_zeros());
    if (w.projection) add("weight_hr", transpose(w.projection));
  }
  return tensors;
}

NamedTensors torch_state_dict(Module& module, const std::string& prefix) {
  if (module.class_name() != "Dense") return torch_state_dict({{&module}}, prefix);
  const LayerWeights w = layer_weights(saving, {&module}).front();
  check_activation(saving, format, w, {"linear"});
  NamedTensors tensors{{prefix + "weight", transpose(w.kernel)}};
  if (w.bias) tensors.emplace_back(prefix + "bias", w.bias);
  return tensors;
}

NamedTensors read_torch_json(const std::filesystem::path& path) {
  const std::string who = "read_torch_json: " + path.string();
  return tensors_from_json(who, parse_json_file(who, path));
}

void load_torch_state_dict(const NamedTensors& tensors, const std::vector<RecurrentLayer>& layers,
                           const std::string& prefix) {
  const bool bidirectional = !layers.empty() && layers[0].backward;
  const std::vector<Module*> modules = in_order(loading, layers);
  const std::vector<Module*> cells = flat_layers(loading, modules);
  StateDict dict(tensors, prefix);
  std::vector<LayerWeights> weights;
  for (std::size_t k = 0; k < cells.size(); ++k)
    read_layer(dict, suffix(k, bidirectional), weights.emplace_back(layer_kind(loading, *cells[k])));
  dict.check_all_asked();
  assign_layer_weights(loading, modules, weights, weights[0].dtype());
}

void load_torch_state_dict(const NamedTensors& tensors, Module& module, const std::string& prefix) {
  if (module.class_name() != "Dense") return load_torch_state_dict(tensors, {{&module}}, prefix);
  StateDict dict(tensors, prefix);
  LayerWeights w = layer_kind(loading, module);
  read_linear(dict, w);
  assign_layer_weights(loading, {&module}, {w}, w.dtype());
}

}  // namespace unroll
