#pragma once
// ONNX: models for other runtimes, https://onnx.ai/onnx/operators/
#include <concepts>
#include <filesystem>
#include <vector>

#include "unroll/io/recurrent_layer.hpp"

namespace unroll {

struct OnnxOptions {
  /// Whether the model has a second input, "sequence_length" (batch,) of int32.
  bool sequence_length = false;
};

/// Writes layers that follow one another as a model of ONNX's operators (operator set 14): input "inputs" (time, batch,
/// depth), output "outputs" (time, batch, units), in the dtype of the variables; onnxruntime runs float32 alone.
///
///     save_onnx("model.onnx", cell, head);
///     save_onnx("model.onnx", {{&forward, &backward}, {&head}});   // outputs of both directions side by side
///
/// BasicRNNCell becomes RNN; LSTMCell and BasicLSTMCell LSTM (the forget bias is in its bias, peepholes are its P);
/// GRUCell GRU with linear_before_reset = 0, CudnnCompatibleGRUCell with 1; Dense MatMul, Add and its activation; PReLU
/// PRelu; a cell in a DropoutWrapper is written as it is evaluated. The cells start from zeros. The file is complete or
/// not there. Throws ValueError, naming module and option, for what this does not hold: other modules, projections,
/// clipping, activations that ONNX has no operator for, stacks in two directions, layers that do not fit together;
/// IOError if the file cannot be written.
void save_onnx(const std::filesystem::path& path, const std::vector<RecurrentLayer>& layers,
               const OnnxOptions& options = {});
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void save_onnx(const std::filesystem::path& path, Modules&... modules) {
  save_onnx(path, std::vector<RecurrentLayer>{{&modules}...});
}

/// Gives layers the weights of the LSTM, GRU, RNN, MatMul, Gemm and PRelu operators of a file of any program, in the
/// order of the file; those that are not built are built. Initial states in the file are passed over. Throws IOError if
/// the file cannot be read, DataLossError if it is damaged, no model, or has operators, or attributes of these, that
/// compute something else; ValueError if its layers are not those of the modules; then nothing has changed.
void load_onnx(const std::filesystem::path& path, const std::vector<RecurrentLayer>& layers);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void load_onnx(const std::filesystem::path& path, Modules&... modules) {
  load_onnx(path, std::vector<RecurrentLayer>{{&modules}...});
}

}  // namespace unroll
