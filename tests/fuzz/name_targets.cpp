#include "target.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/prelu.hpp"
#include "unroll/io/keras.hpp"
#include "unroll/io/safetensors.hpp"
#include "unroll/io/torch.hpp"

using namespace unroll;
using namespace testing;

namespace {

std::string file_of(const NamedTensors& tensors) {
  return written(".safetensors", [&](const auto& path) { write_safetensors(path, tensors); });
}

const FuzzTarget torch("torch", {".safetensors",
                                 [] {
                                   MultiRNNCell stack = with_values(
                                       MultiRNNCell(LSTMCell(2, {.num_proj = 1}), LSTMCell(2, {.num_proj = 1})), 1);
                                   LSTMCell forward = with_values(LSTMCell(2), 1),
                                            backward = with_values(LSTMCell(2), 1);
                                   return std::vector{file_of(torch_state_dict(stack, "rnn.")),
                                                      file_of(torch_state_dict({{&forward, &backward}}, "rnn."))};
                                 },
                                 [](const auto& path) {
                                   const NamedTensors tensors = read_safetensors(path).tensors;
                                   if (find_tensor(tensors, "rnn.weight_ih_l0_reverse")) {
                                     LSTMCell forward(2), backward(2);
                                     load_torch_state_dict(tensors, {{&forward, &backward}}, "rnn.");
                                   } else {
                                     MultiRNNCell stack(LSTMCell(2, {.num_proj = 1}), LSTMCell(2, {.num_proj = 1}));
                                     load_torch_state_dict(tensors, stack, "rnn.");
                                   }
                                 },
                                 false});

const FuzzTarget keras("keras", {".safetensors",
                                 [] {
                                   CudnnCompatibleGRUCell gru = with_values(CudnnCompatibleGRUCell(2), 1),
                                                          backward = with_values(CudnnCompatibleGRUCell(2), 1);
                                   MultiRNNCell stack = with_values(MultiRNNCell(LSTMCell(2), LSTMCell(1)), 1);
                                   PReLU prelu = with_values(PReLU(), 1);
                                   return std::vector{file_of(keras_weights({&gru, &backward}, "both")),
                                                      file_of(keras_weights(stack, "rnn")),
                                                      file_of(keras_weights(prelu, "slopes"))};
                                 },
                                 [](const auto& path) {
                                   const NamedTensors tensors = read_safetensors(path).tensors;
                                   if (tensors.size() == 1) {
                                     PReLU prelu;
                                     return load_keras_weights(tensors, prelu, "slopes");
                                   }
                                   try {
                                     MultiRNNCell stack(LSTMCell(2), LSTMCell(1));
                                     load_keras_weights(tensors, stack, "rnn");
                                   } catch (const ValueError&) {
                                     CudnnCompatibleGRUCell gru(2), backward(2);
                                     load_keras_weights(tensors, {&gru, &backward}, "both");
                                   }
                                 },
                                 false});

}  // namespace
