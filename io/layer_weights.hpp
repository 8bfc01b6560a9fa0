#pragma once
// Weights of recurrent and dense layers in one order, whatever cell holds them: what the formats of other programs are
// written from and read into.
#include <string>
#include <string_view>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll {

enum class LayerKind { dense, rnn, lstm, gru, gru_reset_after, prelu };
std::string_view name(LayerKind kind);
inline bool is_cell(LayerKind kind) { return kind != LayerKind::dense && kind != LayerKind::prelu; }

/// The columns of kernels and biases are the gates: input, forget, candidate, output of an LSTM; reset, update,
/// candidate of a GRU, whose update gate keeps the state where it is 1; one block otherwise.
struct LayerWeights {
  LayerKind kind = LayerKind::dense;
  /// Of a dense layer's output, "linear" if it has none, or of a cell's candidate and output.
  std::string activation = "linear";
  Tensor kernel = {};            // (inputs, gates * units)
  Tensor recurrent_kernel = {};  // (outputs, gates * units); null for a dense layer
  Tensor bias = {};              // (gates * units,); null if there is none. The forget gate's has no other added to it.
  Tensor recurrent_bias = {};    // the same, within what the reset gate multiplies: of gru_reset_after only
  Tensor projection = {};        // (units, outputs) or null
  Tensor peepholes = {};         // (3 * units,), input, forget, output, or null
  Tensor slopes = {};            // (inputs,), of prelu, which has nothing else
  std::string module = {};       // what messages call the module that has it; "" of a layer of a file

  Index gates() const;
  Index inputs() const { return slopes ? slopes.size() : kernel.shape(0); }
  Index units() const { return slopes ? slopes.size() : kernel.shape(1) / gates(); }
  Index outputs() const { return projection ? projection.shape(1) : units(); }
  DType dtype() const { return (slopes ? slopes : kernel).dtype(); }
  std::string label() const { return module.empty() ? std::string(name(kind)) : module; }
  /// The bias, or zeros where there is none.
  Tensor bias_or_zeros() const { return or_zeros(bias); }
  Tensor recurrent_bias_or_zeros() const { return or_zeros(recurrent_bias); }

 private:
  Tensor or_zeros(const Tensor& tensor) const;
};

/// The blocks of the last axis in another order: {0, 2, 1} puts the third of three second.
Tensor reorder_gates(const Tensor& tensor, std::initializer_list<int> order);

/// To Keras's order of gates, or back: of a GRU update, reset, candidate; of the others as ours.
Tensor keras_gates(LayerKind kind, const Tensor& tensor);

/// The modules one after another, stacks (MultiRNNCell) taken apart, the cells within wrappers that change nothing when
/// a cell is evaluated (DropoutWrapper, DeviceWrapper) in the place of these. Throws ValueError if one is null.
std::vector<Module*> flat_layers(std::string_view who, const std::vector<Module*>& modules);
/// Whether a module is a MultiRNNCell, within such wrappers or not.
bool is_stack(Module& module);

/// Kind and activation of a layer, without weights. Throws as layer_weights.
LayerWeights layer_kind(std::string_view who, Module& layer);

/// The weights of all of flat_layers. Throws ValueError in the name of `who`, with the
/// module's class and name, for a module that is none of BasicRNNCell, BasicLSTMCell, LSTMCell, GRUCell,
/// CudnnCompatibleGRUCell, Dense and PReLU, for an option of one that LayerWeights does not hold (clipping,
/// an activation that is a function of the program's) or the format does not (peepholes, which few hold), and for one
/// that is not built.
std::vector<LayerWeights> layer_weights(std::string_view who, const std::vector<Module*>& modules,
                                        bool with_peepholes = false);

/// The other way round. Modules that are not built are built, with variables of `dtype` unless they were given one; the
/// values are converted to the variables' dtypes. Throws ValueError as above, or if the number of layers, their kinds,
/// activations or sizes are not those of the modules; then nothing has changed.
void assign_layer_weights(std::string_view who, const std::vector<Module*>& modules,
                          const std::vector<LayerWeights>& weights, DType dtype);

}  // namespace unroll
