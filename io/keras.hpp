#pragma once
// Keras's weights: names, orders and shapes of SimpleRNN, LSTM, GRU, RNN, Bidirectional, Dense and PReLU.
#include <string>

#include "unroll/io/named_tensors.hpp"
#include "unroll/io/recurrent_layer.hpp"

namespace unroll {

/// The weights of the Keras layer that computes the same, in the order of its get_weights() and under its names behind
/// `name`: "lstm/lstm_cell/kernel", "lstm/lstm_cell/recurrent_kernel", "lstm/lstm_cell/bias".
///
///     write_npz("layer.npz", keras_weights(cell, "lstm"));
///     # in Python: z = numpy.load("layer.npz"); keras_layer.set_weights([z[k] for k in z.files])
///
/// A BasicRNNCell is a SimpleRNN, an LSTMCell or BasicLSTMCell an LSTM (its forget bias is in the bias), a GRUCell a
/// GRU with reset_after=False, a CudnnCompatibleGRUCell one with reset_after=True (bias of shape (2, 3 units)), a stack
/// an RNN of StackedRNNCells ("stacked_rnn_cells/"), a Dense a Dense, a PReLU one of sequences, PReLU(shared_axes=[1]),
/// whose alpha has the shape (1, depth). A DropoutWrapper may be around a cell: it has no weights. Throws ValueError,
/// naming module and option, for what Keras does not compute: peepholes, projections, clipping.
NamedTensors keras_weights(Module& module, const std::string& name);
/// Bidirectional of a layer if there are two directions: "forward_lstm/", then "backward_lstm/".
NamedTensors keras_weights(const RecurrentLayer& layer, const std::string& name);

/// Gives a module the weights of a Keras layer: those whose names begin with `name` and a slash, whatever number Keras
/// has given the cell ("lstm_cell_3") and whether ":0" follows, and whatever axes a PReLU shares beside the last; or,
/// if `name` is empty, those of numpy.savez(file, *layer.get_weights()), which are called arr_0, arr_1, ... What is not
/// built is built. Throws ValueError if weights are missing, left over or of another shape; then nothing has changed.
void load_keras_weights(const NamedTensors& tensors, Module& module, const std::string& name = {});
void load_keras_weights(const NamedTensors& tensors, const RecurrentLayer& layer, const std::string& name = {});

}  // namespace unroll
