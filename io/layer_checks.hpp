#pragma once
// What a format cannot hold of a layer: errors that name the layer, the option and the format.
#include <initializer_list>

#include "unroll/io/layer_weights.hpp"

namespace unroll {

/// `LSTMCell "lstm_cell"`, or `ResidualWrapper of LSTMCell "lstm_cell"` for what has no name of its own.
std::string module_label(Module& module);

/// Throws ValueError in the name of `who`: `LSTMCell "lstm_cell" ` and the parts.
template <class... Parts>
[[noreturn]] void refuse(std::string_view who, const LayerWeights& layer, const Parts&... parts) {
  raise<ValueError>(who, layer.label(), " ", parts...);
}

/// ValueErrors in the name of `who` unless the layer is of one of the kinds, has no projection, has one of the
/// activations that `format` has; "linear" is none.
void check_kind(std::string_view who, std::string_view format, const LayerWeights& layer,
                std::initializer_list<LayerKind> kinds);
void check_no_projection(std::string_view who, std::string_view format, const LayerWeights& layer);
void check_activation(std::string_view who, std::string_view format, const LayerWeights& layer,
                      std::initializer_list<std::string_view> activations);

/// Throws ValueError unless each layer has as many inputs as the one before it has outputs.
void check_sizes_follow(std::string_view who, const std::vector<LayerWeights>& layers);

/// Throws ValueError for a weight that JSON cannot hold.
void check_finite(std::string_view who, const std::vector<LayerWeights>& layers);

/// Throws ValueError unless there are one LSTM or GRU (reset after the product), of tanh and without projection, and
/// one dense layer without activation behind it.
void check_cell_and_dense(std::string_view who, std::string_view format, const std::vector<LayerWeights>& layers);

}  // namespace unroll
