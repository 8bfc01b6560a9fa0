#pragma once
// The layers of a file of named tensors that says nothing of them: what their names and shapes tell.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "unroll/io/layer_weights.hpp"
#include "unroll/io/named_tensors.hpp"

namespace unroll {

/// A layer or a stack, in one direction or, if there is a `backward`, in both.
struct DirectedLayers {
  std::vector<LayerWeights> forward = {}, backward = {};

  Index inputs() const { return forward.front().inputs(); }
  Index outputs() const { return forward.back().outputs() + (backward.empty() ? 0 : backward.back().outputs()); }
  bool is_cell() const { return unroll::is_cell(forward.front().kind); }
};

/// What the program that wrote the file calls a layer.
struct ModelPart {
  std::string name;
  std::vector<DirectedLayers> layers = {};
  std::vector<std::string> cells = {};  // names of those of a stack, which may stand for it in PartOptions::order

  Index inputs() const { return layers.front().inputs(); }
  Index outputs() const { return layers.back().outputs(); }
};

/// What names and shapes do not tell.
struct PartOptions {
  /// Names of parts, from the input to the output. Empty: recurrent ones before dense ones, as their sizes follow one
  /// another; where these allow of several orders of "lstm", "lstm_1", "lstm_2", as they are numbered. The cells of one
  /// of Keras's stacks may be named in the place of the stack, all of them and in order.
  std::vector<std::string> order = {};
  /// By the name of a part; tanh of cells and none of dense layers otherwise.
  std::map<std::string, std::string> activations = {};
  /// Of a Keras GRU without biases.
  std::optional<bool> reset_after = {};
};

/// Those of torch.nn.RNN, LSTM, GRU and Linear: "rnn" of "rnn.weight_ih_l0". Throws ValueError for tensors of others.
std::vector<ModelPart> torch_parts(const NamedTensors& tensors, const PartOptions& options = {});

/// Those of Keras's SimpleRNN, LSTM, GRU, RNN of StackedRNNCells, Bidirectional, Dense and PReLU: "lstm" of
/// "lstm/lstm_cell/kernel:0". Throws ValueError for weights of others.
std::vector<ModelPart> keras_parts(const NamedTensors& tensors, const PartOptions& options = {});

/// All layers from the input to the output. Throws ValueError if the options name parts that there are not, or if sizes
/// allow of no order, or of several.
std::vector<DirectedLayers> layers_in_order(const std::vector<ModelPart>& parts, const PartOptions& options = {});

/// A link of a chain, each of which takes as many numbers as the one before it gives.
struct ChainLink {
  std::string name;
  Index inputs = 0, outputs = 0;
  bool last = false;  // after all that are not
};
/// The order of the links: the only one, or, if there are several that differ in numbers alone, the one in which these
/// rise. Throws ValueError, with the names of two that can change places, for any other.
std::vector<std::size_t> chain_order(const std::vector<ChainLink>& links);

}  // namespace unroll
