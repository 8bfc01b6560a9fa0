#pragma once
// The messages of ONNX, and what its reader and writer share.
#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#include <onnx/onnx_pb.h>

#include <initializer_list>
#include <string>

#include "unroll/io/layer_weights.hpp"

namespace unroll {

/// An activation's operator, and whether a recurrent operator takes it, too.
struct OnnxActivation {
  std::string_view name, op_type;
  bool in_cells;
};
inline constexpr OnnxActivation onnx_activations[] = {
    {"elu", "Elu", false},          {"relu", "Relu", true},        {"selu", "Selu", false},
    {"sigmoid", "Sigmoid", true},   {"softmax", "Softmax", false}, {"softplus", "Softplus", true},
    {"softsign", "Softsign", true}, {"tanh", "Tanh", true},
};

/// "LSTM", "GRU", "RNN".
inline std::string onnx_op_type(LayerKind kind) {
  return kind == LayerKind::lstm ? "LSTM" : kind == LayerKind::rnn ? "RNN" : "GRU";
}

/// To ONNX's order of gates, input, output, forget, candidate or update, reset, candidate; or back from it.
inline Tensor to_onnx_gates(LayerKind kind, const Tensor& tensor) {
  return kind == LayerKind::lstm ? reorder_gates(tensor, {0, 3, 1, 2}) : keras_gates(kind, tensor);
}
inline Tensor from_onnx_gates(LayerKind kind, const Tensor& tensor) {
  return kind == LayerKind::lstm ? reorder_gates(tensor, {0, 2, 3, 1}) : keras_gates(kind, tensor);
}

}  // namespace unroll
