#include "unroll/io/layer_checks.hpp"

#include <algorithm>
#include <cmath>

#include "unroll/core/listed.hpp"

namespace unroll {

std::string module_label(Module& module) {
  if (!module.name().empty()) return module.class_name() + " \"" + module.name() + '"';
  const std::vector<Module*> inner = module.submodules();
  return inner.empty() || !inner[0] ? module.class_name() : module.class_name() + " of " + module_label(*inner[0]);
}

void check_kind(std::string_view who, std::string_view format, const LayerWeights& layer,
                std::initializer_list<LayerKind> kinds) {
  if (std::find(kinds.begin(), kinds.end(), layer.kind) == kinds.end())
    refuse(who, layer, "cannot be held: ", format, " has no ", name(layer.kind), " there");
}

void check_no_projection(std::string_view who, std::string_view format, const LayerWeights& layer) {
  if (layer.projection) refuse(who, layer, "has a num_proj, which ", format, "'s LSTM does not have");
}

void check_activation(std::string_view who, std::string_view format, const LayerWeights& layer,
                      std::initializer_list<std::string_view> activations) {
  if (std::find(activations.begin(), activations.end(), layer.activation) == activations.end())
    refuse(who, layer, "has the activation \"", layer.activation, "\", which ", format, "'s ", name(layer.kind),
           " does not have");
}

void check_sizes_follow(std::string_view who, const std::vector<LayerWeights>& layers) {
  for (std::size_t k = 1; k < layers.size(); ++k)
    if (layers[k].inputs() != layers[k - 1].outputs())
      refuse(who, layers[k], "has ", layers[k].inputs(), " inputs, ", layers[k - 1].label(), " before it ",
             layers[k - 1].outputs(), " outputs");
}

void check_finite(std::string_view who, const std::vector<LayerWeights>& layers) {
  for (const LayerWeights& w : layers)
    for (const Tensor& tensor :
         {w.kernel, w.recurrent_kernel, w.bias, w.recurrent_bias, w.projection, w.peepholes, w.slopes})
      if (tensor)
        dispatch_floating(who, tensor.dtype(), [&](auto zero) {
          for (auto value : tensor.values<decltype(zero)>())
            if (!std::isfinite(value)) refuse(who, w, "has a weight that is ", value, ", which JSON cannot hold");
        });
}

void check_cell_and_dense(std::string_view who, std::string_view format, const std::vector<LayerWeights>& layers) {
  if (layers.size() != 2 || !is_cell(layers[0].kind) || layers[1].kind != LayerKind::dense)
    raise<ValueError>(who, format, " holds one cell and a Dense, not ", layers.size(),
                      " layers: ", listed(layers, &LayerWeights::label));
  check_kind(who, format, layers[0], {LayerKind::lstm, LayerKind::gru_reset_after});
  check_no_projection(who, format, layers[0]);
  check_activation(who, format, layers[0], {"tanh"});
  check_activation(who, format, layers[1], {"linear"});
}

}  // namespace unroll
