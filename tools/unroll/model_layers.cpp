#include "model_layers.hpp"

#include "construct.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"

namespace unroll::program {
namespace {

std::shared_ptr<Module> construct_layer(const LayerWeights& w) {
  ModuleRecord record;
  if (w.kind == LayerKind::prelu) {
    record.class_name = "PReLU";
    return construct(record);
  }
  record.config = {{w.kind == LayerKind::dense ? "units" : "num_units", w.units()},
                   {"activation", w.activation},
                   {"use_bias", w.bias.defined()}};
  record.class_name = w.kind == LayerKind::dense             ? "Dense"
                      : w.kind == LayerKind::rnn             ? "BasicRNNCell"
                      : w.kind == LayerKind::lstm            ? "LSTMCell"
                      : w.kind == LayerKind::gru_reset_after ? "CudnnCompatibleGRUCell"
                                                             : "GRUCell";
  if (w.kind == LayerKind::lstm) record.config.emplace_back("forget_bias", 0.0);
  record.config.emplace_back("use_peepholes", w.peepholes.defined());
  if (w.projection) record.config.emplace_back("num_proj", w.outputs());
  return construct(record);
}

std::shared_ptr<Module> construct_stack(const std::vector<LayerWeights>& layers) {
  if (layers.size() == 1) return construct_layer(layers[0]);
  std::vector<std::shared_ptr<RNNCell>> cells;
  for (const LayerWeights& w : layers) cells.push_back(std::dynamic_pointer_cast<RNNCell>(construct_layer(w)));
  return std::make_shared<MultiRNNCell>(cells);
}

std::vector<DirectedLayers> stacked(const std::vector<DirectedLayers>& layers) {
  std::vector<DirectedLayers> result;
  for (const DirectedLayers& next : layers) {
    if (!result.empty() && next.is_cell() && next.backward.empty() && result.back().is_cell() &&
        result.back().backward.empty())
      result.back().forward.insert(result.back().forward.end(), next.forward.begin(), next.forward.end());
    else
      result.push_back(next);
  }
  return result;
}

}  // namespace

void add_layers(ModelFile& file, const std::string& who, const std::vector<DirectedLayers>& layers, DType dtype) {
  std::vector<LayerWeights> weights;
  std::map<std::string, int> counts;
  auto add = [&](const std::vector<LayerWeights>& stack, const std::string& direction) {
    std::shared_ptr<Module> module = construct_stack(stack);
    // Dense layers of one name would share it.
    const int count = counts[direction + module->name()]++;
    std::string scope = count > 0 ? "layer_" + std::to_string(count) : "";
    if (!direction.empty()) scope += (scope.empty() ? "" : "/") + direction;
    const TensorSpec inputs{{1, stack.front().inputs()}, dtype};
    if (scope.empty()) {
      module->build(inputs);
    } else {
      VariableScope within(scope);
      module->build(inputs);
    }
    weights.insert(weights.end(), stack.begin(), stack.end());
    file.modules.push_back(module);
    return module.get();
  };
  for (const DirectedLayers& layer : stacked(layers)) {
    if (layer.backward.empty()) {
      file.layers.push_back({add(layer.forward, "")});
    } else {
      Module* forward = add(layer.forward, "bidirectional_rnn/fw");
      file.layers.push_back({forward, add(layer.backward, "bidirectional_rnn/bw")});
    }
  }
  assign_layer_weights(who, file.pointers(), weights, dtype);
}

}  // namespace unroll::program
