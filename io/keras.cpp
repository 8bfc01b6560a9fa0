#include "unroll/io/keras.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/io/layer_weights.hpp"

namespace unroll {
namespace {

constexpr std::string_view saving = "keras_weights", loading = "load_keras_weights";

// "lstm", of which the cell is "lstm_cell".
std::string class_of(LayerKind kind) {
  return kind == LayerKind::lstm ? "lstm" : kind == LayerKind::rnn ? "simple_rnn" : "gru";
}

void add_layer(NamedTensors& tensors, const LayerWeights& w, const std::string& path) {
  if (w.projection) raise<ValueError>(saving, "Keras has no num_proj");
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
  const bool is_stack = module.class_name() == "MultiRNNCell";
  std::map<std::string, int> counts;
  for (const LayerWeights& w : layer_weights(saving, {&module})) {
    if (w.kind == LayerKind::dense) {
      add_layer(tensors, w, path);
      continue;
    }
    const std::string cell = class_of(w.kind) + "_cell";
    const int count = counts[cell]++;
    add_layer(tensors, w,
              path + (is_stack ? "/stacked_rnn_cells/" : "/") + cell + (count ? "_" + std::to_string(count) : ""));
  }
}

// The weights of one cell: those below one path, which ends with "lstm_cell_3".
struct Group {
  std::string path, cell = {};
  int number = 0;
  bool backward = false;
  std::map<std::string, Tensor> weights = {};
};

std::vector<Group> grouped(const NamedTensors& tensors, const std::string& name) {
  std::vector<Group> groups;
  for (const auto& [full, tensor] : tensors) {
    if (!full.starts_with(name + "/")) continue;
    std::string path = full.ends_with(":0") ? full.substr(0, full.size() - 2) : full;
    const std::size_t slash = path.rfind('/');
    const std::string last = path.substr(slash + 1);
    path.resize(slash);
    auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.path == path; });
    if (found == groups.end()) {
      Group group{.path = path, .cell = path.substr(path.rfind('/') + 1)};
      group.backward = path.find("/backward_") != std::string::npos;
      if (std::size_t line = group.cell.rfind('_'); line != std::string::npos) {
        const char* end = group.cell.data() + group.cell.size();
        if (std::from_chars(group.cell.data() + line + 1, end, group.number).ptr == end && line + 1 < group.cell.size())
          group.cell.resize(line);
      }
      found = groups.insert(groups.end(), std::move(group));
    }
    if (!found->weights.emplace(last, tensor).second) raise<ValueError>(loading, "\"", full, "\" occurs twice");
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.number < b.number; });
  return groups;
}

Tensor take(Group& group, const std::string& name, int rank) {
  auto found = group.weights.find(name);
  if (found == group.weights.end()) return {};
  Tensor tensor = found->second;
  group.weights.erase(found);
  if (!is_floating(tensor.dtype()) || tensor.rank() != rank)
    raise<ValueError>(loading, "\"", group.path, "/", name, "\" is ", tensor.spec(), ", expected floats of rank ",
                      rank);
  return tensor;
}

LayerWeights read_group(LayerWeights w, Group& group) {
  w.kernel = take(group, "kernel", 2);
  if (!w.kernel) raise<ValueError>(loading, "there is no \"", group.path, "/kernel\"");
  if (w.kernel.shape(1) % w.gates() != 0)
    raise<ValueError>(loading, "\"", group.path, "/kernel\" has shape ", w.kernel.shape(), ", expected (inputs, ",
                      w.gates(), " * units)");
  const Index columns = w.kernel.shape(1);
  auto check = [&](const Tensor& tensor, std::string_view name, const Shape& shape) {
    if (tensor.shape() != shape)
      raise<ValueError>(loading, "\"", group.path, "/", name, "\" has shape ", tensor.shape(), ", expected ", shape);
  };
  w.kernel = keras_gates(w.kind, w.kernel);
  if (w.kind != LayerKind::dense) {
    const Tensor recurrent = take(group, "recurrent_kernel", 2);
    if (!recurrent) raise<ValueError>(loading, "there is no \"", group.path, "/recurrent_kernel\"");
    check(recurrent, "recurrent_kernel", {w.units(), columns});
    w.recurrent_kernel = keras_gates(w.kind, recurrent);
  }
  const bool two = w.kind == LayerKind::gru_reset_after;
  if (Tensor bias = take(group, "bias", two ? 2 : 1)) {
    check(bias, "bias", two ? Shape{2, columns} : Shape{columns});
    w.bias = keras_gates(w.kind, two ? row(bias, 0) : bias);
    if (two) w.recurrent_bias = keras_gates(w.kind, row(bias, 1));
  }
  if (!group.weights.empty())
    raise<ValueError>(loading, "\"", group.path, "/", group.weights.begin()->first, "\" belongs to no layer");
  return w;
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
      const std::string cell = w.kind == LayerKind::dense ? "" : class_of(w.kind) + "_cell";
      const int count = counts[side + cell]++;
      const std::string path = side + (cell.empty() ? "" : "/" + cell + "_" + std::to_string(count));
      std::vector<std::string> names{"/kernel"};
      if (w.kind != LayerKind::dense) names.emplace_back("/recurrent_kernel");
      names.emplace_back("/bias");
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
  std::vector<Group> groups = grouped(name.empty() ? with_names(tensors, directions) : tensors, name);
  std::vector<Module*> modules;
  std::vector<LayerWeights> weights;
  for (const RecurrentLayer& direction : directions) {
    modules.push_back(direction.forward);
    for (Module* layer : flat_layers(loading, {direction.forward})) {
      const LayerWeights kind = layer_kind(loading, *layer);
      const bool backward = directions.size() == 2 && &direction == &directions[1];
      auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
        return (kind.kind == LayerKind::dense || g.cell == class_of(kind.kind) + "_cell") && g.backward == backward;
      });
      if (found == groups.end())
        raise<ValueError>(loading, "there are no weights of ", layer->class_name(), " \"", layer->name(), "\" below \"",
                          name, "/\"");
      weights.push_back(read_group(kind, *found));
      groups.erase(found);
    }
  }
  if (!groups.empty()) raise<ValueError>(loading, "\"", groups[0].path, "\" belongs to no layer");
  assign_layer_weights(loading, modules, weights, weights.at(0).kernel.dtype());
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
    const std::string inner =
        module->class_name() == "MultiRNNCell" ? "rnn" : class_of(layer_kind(saving, *module).kind);
    add_module(tensors, *module, name + (module == layer.forward ? "/forward_" : "/backward_") + inner);
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
