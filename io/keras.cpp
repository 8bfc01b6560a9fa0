#include "unroll/io/keras.hpp"

#include <algorithm>
#include <map>

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/io/keras_groups.hpp"
#include "unroll/io/layer_checks.hpp"

namespace unroll {
namespace {

constexpr std::string_view saving = "keras_weights", loading = "load_keras_weights", format = "Keras";

// "lstm", of which the cell is "lstm_cell".
std::string class_of(LayerKind kind) {
  return kind == LayerKind::lstm ? "lstm" : kind == LayerKind::rnn ? "simple_rnn" : "gru";
}

void add_layer(NamedTensors& tensors, const LayerWeights& w, const std::string& path) {
  if (w.kind == LayerKind::prelu) {
    tensors.emplace_back(path + "/alpha", reshape(w.slopes, {1, w.inputs()}));
    return;
  }
  check_no_projection(saving, format, w);
  tensors.emplace_back(path + "/kernel", keras_gates(w.kind, w.kernel));
  if (w.kind != LayerKind::dense)
    tensors.emplace_back(path + "/recurrent_kernel", keras_gates(w.kind, w.recurrent_kernel));
  if (w.kind == LayerKind::gru_reset_after)
    tensors.emplace_back(path + "/bias", stack({keras_gates(w.kind, w.bias_or_zeros()),
                                                keras_gates(w.kind, w.recurrent_bias_or_zeros())}));
  else if (w.bias)
    tensors.emplace_back(path + "/bias", keras_gates(w.kind, w.bias));
}

void add_module(NamedTensors& tensors, Module& module, const std::string& path) {
  const bool stacked = is_stack(module);
  std::map<std::string, int> counts;
  for (const LayerWeights& w : layer_weights(saving, {&module})) {
    if (!is_cell(w.kind)) {
      add_layer(tensors, w, path);
      continue;
    }
    const std::string cell = class_of(w.kind) + "_cell";
    std::string of_cell = path + (stacked ? "/stacked_rnn_cells/" : "/");
    of_cell += cell;
    if (const int count = counts[cell]++) of_cell.append("_").append(std::to_string(count));
    add_layer(tensors, w, of_cell);
  }
}

// The names that keras_weights would give to arr_0, arr_1, ...
NamedTensors with_names(const NamedTensors& tensors, const std::vector<RecurrentLayer>& directions) {
  NamedTensors named;
  auto next = [&]() -> Tensor { return find_tensor(tensors, "arr_" + std::to_string(named.size())); };
  std::map<std::string, int> counts;
  for (const RecurrentLayer& direction : directions)
    for (Module* layer : flat_layers(loading, {direction.forward})) {
      const LayerWeights w = layer_kind(loading, *layer);
      const std::string side =
          directions.size() == 2 ? (&direction == &directions[0] ? "/forward_layer" : "/backward_layer") : "";
      const std::string cell = is_cell(w.kind) ? class_of(w.kind) + "_cell" : "";
      const int count = counts[side + cell]++;
      std::string path = side;
      if (!cell.empty()) path.append("/").append(cell).append("_").append(std::to_string(count));
      std::vector<std::string> names{"/kernel", "/bias"};
      if (is_cell(w.kind)) names = {"/kernel", "/recurrent_kernel", "/bias"};
      if (w.kind == LayerKind::prelu) names = {"/alpha"};
      for (const std::string& name : names) {
        const Tensor tensor = next();
        const bool is_bias = tensor && (tensor.rank() == 1 || (tensor.rank() == 2 && tensor.shape(0) == 2 &&
                                                               w.kind == LayerKind::gru_reset_after));
        if (tensor && (name != "/bias" || is_bias)) named.emplace_back(path + name, tensor);
      }
    }
  if (named.size() != tensors.size())
    raise<ValueError>(loading, tensors.size(), " weights, of which arr_0 .. fit to ", named.size());
  return named;
}

void load(const NamedTensors& tensors, const std::vector<RecurrentLayer>& directions, const std::string& name) {
  std::vector<KerasGroup> groups = keras_groups(name.empty() ? with_names(tensors, directions) : tensors, name + "/");
  std::vector<Module*> modules;
  std::vector<LayerWeights> weights;
  for (const RecurrentLayer& direction : directions) {
    modules.push_back(direction.forward);
    for (Module* layer : flat_layers(loading, {direction.forward})) {
      const LayerWeights kind = layer_kind(loading, *layer);
      const bool backward = directions.size() == 2 && &direction == &directions[1];
      auto found = std::find_if(groups.begin(), groups.end(), [&](const KerasGroup& g) {
        return (!is_cell(kind.kind) || g.cell == class_of(kind.kind) + "_cell") && g.backward == backward;
      });
      if (found == groups.end())
        raise<ValueError>(loading, "there are no weights of ", layer->class_name(), " \"", layer->name(), "\" below \"",
                          name, "/\"");
      weights.push_back(read_keras_group(kind, *found));
      groups.erase(found);
    }
  }
  if (!groups.empty()) raise<ValueError>(loading, "\"", groups[0].path, "\" belongs to no layer");
  assign_layer_weights(loading, modules, weights, weights.at(0).dtype());
}

}  // namespace

NamedTensors keras_weights(Module& module, const std::string& name) {
  NamedTensors tensors;
  add_module(tensors, module, name);
  return tensors;
}

NamedTensors keras_weights(const RecurrentLayer& layer, const std::string& name) {
  if (!layer.forward) raise<ValueError>(saving, "expected a cell, got a null pointer");
  if (!layer.backward) return keras_weights(*layer.forward, name);
  NamedTensors tensors;
  for (Module* module : {layer.forward, layer.backward}) {
    std::string inner = "rnn";
    if (!is_stack(*module)) {
      const LayerWeights w = layer_kind(saving, *flat_layers(saving, {module}).front());
      if (!is_cell(w.kind)) refuse(saving, w, "is no cell and has no directions");
      inner = class_of(w.kind);
    }
    add_module(tensors, *module,
               std::string(name).append(module == layer.forward ? "/forward_" : "/backward_").append(inner));
  }
  return tensors;
}

void load_keras_weights(const NamedTensors& tensors, Module& module, const std::string& name) {
  load(tensors, {{&module}}, name);
}

void load_keras_weights(const NamedTensors& tensors, const RecurrentLayer& layer, const std::string& name) {
  std::vector<RecurrentLayer> directions{{layer.forward}};
  if (layer.backward) directions.push_back({layer.backward});
  load(tensors, directions, name);
}

}  // namespace unroll
