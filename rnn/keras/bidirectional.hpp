#pragma once
#include "unroll/rnn/keras/rnn.hpp"

namespace unroll::keras {

/// How the outputs of both directions become one: side by side along the last axis, added, multiplied, averaged, or not
/// at all (a tuple).
enum class MergeMode { concat, sum, mul, ave, none };

struct BidirectionalOptions {
  MergeMode merge_mode = MergeMode::concat;
  std::shared_ptr<RNN> backward_layer = {};  // by default the layer's arguments with go_backwards turned round
  std::string name = {};
};

/// tf.keras.layers.Bidirectional: a layer over the sequence and one over its reverse. The backward outputs are put back
/// into the order of time before they are merged, and where sequences are returned, masked steps give zeros. The layers
/// are made anew from `layer`, under the names forward_ and backward_ followed by its name:
/// "bidirectional/forward_lstm/lstm_cell/kernel". States are those of the forward layer, then those of the backward
/// layer; so are initial states.
///
/// Throws TypeError for a null layer; ValueError if the layer cannot be made again and no backward_layer is given, or
/// if the backward_layer does not go the other way or differs in what it returns or in stateful. Calls throw ValueError
/// for an odd number of initial states.
class Bidirectional : public Module {
 public:
  explicit Bidirectional(std::shared_ptr<RNN> layer, BidirectionalOptions options = {});
  std::string class_name() const override { return "keras.Bidirectional"; }
  Config config() const override;
  std::vector<Module*> submodules() override { return {forward_.get(), backward_.get()}; }

  RNNResult operator()(const Nest& inputs, const RNNCallOptions& options = {});
  void reset_states();

  RNN& forward_layer() { return *forward_; }
  RNN& backward_layer() { return *backward_; }

 private:
  std::string default_name() const override { return "bidirectional"; }
  Tensor merge(const Tensor& forwards, const Tensor& backwards) const;

  std::shared_ptr<RNN> forward_, backward_;
  MergeMode merge_mode_;
};

}  // namespace unroll::keras
