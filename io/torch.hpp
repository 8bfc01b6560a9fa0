#pragma once
// PyTorch's state_dict: names, orders and shapes of torch.nn.RNN, LSTM, GRU and Linear.
#include <filesystem>
#include <string>
#include <vector>

#include "unroll/io/named_tensors.hpp"
#include "unroll/io/recurrent_layer.hpp"

namespace unroll {

/// The state_dict of the torch.nn module that computes the same, each name behind `prefix`:
///
///     write_safetensors("model.safetensors", torch_state_dict({&cell}, "rnn."));   # torch.nn.LSTM(...)
///
/// A BasicRNNCell is a layer of RNN, an LSTMCell (with num_proj a projection) or BasicLSTMCell of LSTM, a
/// CudnnCompatibleGRUCell of GRU; its weights are weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0,
/// with "_reverse" for the second direction. A DropoutWrapper may be around a cell: it has no weights. The forget bias
/// that TensorFlow adds at each step is in bias_ih. Throws ValueError, naming module and option, for what PyTorch does
/// not compute: a GRUCell (its reset gate comes before the product), peepholes, clipping, another activation than tanh
/// (or relu of an RNN), layers that do not fit together.
NamedTensors torch_state_dict(const std::vector<RecurrentLayer>& layers, const std::string& prefix = {});
/// The same for one cell or a stack, or a Dense (torch.nn.Linear: weight, bias).
NamedTensors torch_state_dict(Module& module, const std::string& prefix = {});

/// A state_dict as JSON, an object of names and nested arrays:
///
///     json.dump({name: weights.tolist() for name, weights in model.state_dict().items()}, file)
///
/// The tensors are float32. Throws IOError if the file cannot be read; DataLossError, with the name, for a member that
/// is no vector or matrix of numbers, and for what is not JSON.
NamedTensors read_torch_json(const std::filesystem::path& path);

/// Gives the layers the weights of a state_dict, whose names begin with `prefix`; others are passed over. Both biases
/// are added, missing ones are 0. Layers that are not built are built. Throws ValueError if a name is missing, if there
/// is a layer, direction or projection that the layers lack, or if a shape is wrong; then nothing has changed.
void load_torch_state_dict(const NamedTensors& tensors, const std::vector<RecurrentLayer>& layers,
                           const std::string& prefix = {});
void load_torch_state_dict(const NamedTensors& tensors, Module& module, const std::string& prefix = {});

}  // namespace unroll
