#include "unroll/io/layer_weights.hpp"

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/layer_access.hpp"

namespace unroll {

std::string_view name(LayerKind kind) {
  switch (kind) {
    case LayerKind::rnn:
      return "RNN";
    case LayerKind::lstm:
      return "LSTM";
    case LayerKind::gru:
      return "GRU (reset before the product)";
    case LayerKind::gru_reset_after:
      return "GRU (reset after the product)";
    case LayerKind::prelu:
      return "PReLU";
    default:
      return "dense layer";
  }
}

Index LayerWeights::gates() const {
  switch (kind) {
    case LayerKind::lstm:
      return 4;
    case LayerKind::gru:
    case LayerKind::gru_reset_after:
      return 3;
    default:
      return 1;
  }
}

Tensor LayerWeights::or_zeros(const Tensor& tensor) const {
  return tensor ? tensor : zeros({kernel.shape(1)}, kernel.dtype());
}

Tensor reorder_gates(const Tensor& tensor, std::initializer_list<int> order) {
  if (!tensor) return tensor;
  std::vector<Tensor> blocks = split(tensor, static_cast<Index>(order.size()), -1), reordered;
  for (int k : order) reordered.push_back(blocks[static_cast<std::size_t>(k)]);
  return concat(reordered, -1);
}

Tensor keras_gates(LayerKind kind, const Tensor& tensor) {
  return kind == LayerKind::gru || kind == LayerKind::gru_reset_after ? reorder_gates(tensor, {1, 0, 2}) : tensor;
}

namespace {

bool is_transparent(const Module& module) {
  return module.class_name() == "DropoutWrapper" || module.class_name() == "DeviceWrapper";
}

void add_flat(std::string_view who, Module* module, std::vector<Module*>& flat, int depth) {
  constexpr int deepest = 64;
  if (!module) raise<ValueError>(who, "expected a module, got a null pointer");
  if (depth > deepest) raise<ValueError>(who, module->class_name(), " lies within itself");
  if (module->class_name() != "MultiRNNCell" && !is_transparent(*module)) {
    flat.push_back(module);
    return;
  }
  for (Module* cell : module->submodules()) add_flat(who, cell, flat, depth + 1);
}

void add_unbuilt(Module& module, std::vector<Module*>& unbuilt) {
  if (!module.built()) unbuilt.push_back(&module);
  for (Module* inner : module.submodules()) add_unbuilt(*inner, unbuilt);
}

}  // namespace

std::vector<Module*> flat_layers(std::string_view who, const std::vector<Module*>& modules) {
  std::vector<Module*> flat;
  for (Module* module : modules) add_flat(who, module, flat, 1);
  return flat;
}

bool is_stack(Module& module) {
  return module.class_name() == "MultiRNNCell" || (is_transparent(module) && is_stack(*module.submodules().at(0)));
}

LayerWeights layer_kind(std::string_view who, Module& layer) { return LayerAccess(who, layer).describe(); }

std::vector<LayerWeights> layer_weights(std::string_view who, const std::vector<Module*>& modules,
                                        bool with_peepholes) {
  if (modules.empty()) raise<ValueError>(who, "no module is given");
  std::vector<LayerWeights> weights;
  for (Module* layer : flat_layers(who, modules)) weights.push_back(LayerAccess(who, *layer).read(with_peepholes));
  return weights;
}

void assign_layer_weights(std::string_view who, const std::vector<Module*>& modules,
                          const std::vector<LayerWeights>& weights, DType dtype) {
  std::vector<Module*> layers, unbuilt;
  std::vector<std::size_t> first;  // layer of each module
  for (Module* module : modules) {
    first.push_back(layers.size());
    add_flat(who, module, layers, 1);
    add_unbuilt(*module, unbuilt);
  }
  if (layers.size() != weights.size()) raise<ValueError>(who, weights.size(), " layers for modules of ", layers.size());
  for (std::size_t k = 0; k < layers.size(); ++k) LayerAccess(who, *layers[k]).check(weights[k]);
  std::vector<std::pair<Variable, Tensor>> assignments;
  try {
    for (std::size_t k = 0; k < modules.size(); ++k)
      modules[k]->build(TensorSpec{{1, weights[first[k]].inputs()}, dtype});
    for (std::size_t k = 0; k < layers.size(); ++k) LayerAccess(who, *layers[k]).collect(weights[k], assignments);
  } catch (...) {
    for (Module* module : unbuilt)
      if (module->built()) module->unbuild();
    throw;
  }
  for (const auto& [variable, values] : assignments) variable.assign(values);
}

}  // namespace unroll
