#pragma once
// tf.keras.layers.RNN: a layer that runs a cell over a sequence.
#include <memory>
#include <vector>

#include "unroll/cells/rnn_cell.hpp"

namespace unroll::keras {

struct RNNOptions {
  bool return_sequences = false;      // the outputs of all steps, else the last one
  bool return_state = false;          // also the last states
  bool go_backwards = false;          // read the whole sequence in reverse; outputs stay in that order
  bool stateful = false;              // the next call goes on from the last states
  bool unroll = false;                // accepted; changes no result
  bool time_major = false;            // inputs, masks and outputs are (time, batch, ...)
  bool zero_output_for_mask = false;  // outputs of masked steps are zero, else the ones before are repeated
  std::string name = {};
};

struct RNNCallOptions {
  Tensor mask = {};                        // bool (batch, time): false for steps to leave out, anywhere
  std::vector<Tensor> initial_state = {};  // the tensors of the cell's state, in order; zeros without them
  std::vector<Tensor> constants = {};      // given to the cell at each step: its inputs are the tuple (x, constants...)
};

struct RNNResult {
  Nest output;                 // (batch, ...) of the last step, or (batch, time, ...) with return_sequences
  std::vector<Tensor> states;  // with return_state: the tensors of the cell's state, in order
};

/// A cell over a sequence, as tf.keras.layers.RNN(cell) does it. At a step that the mask leaves out, the state stays
/// and the output is the one before (zeros at first). Differentiable. Variables are in the scope of the layer:
/// "rnn/lstm_cell/kernel"; cells that are not Keras's own have theirs outside of it, as in TensorFlow.
///
///     keras::LSTM lstm(32, {.return_sequences = true});
///     Tensor y = lstm(x, {.mask = mask}).output;
///
/// Throws TypeError for a null cell. Calls throw ValueError for inputs below rank 3, a mask of another shape, a wrong
/// number of initial states, a stateful layer called with another batch size, or no step without return_sequences;
/// TypeError for a mask that is not bool.
class RNN : public Module {
 public:
  explicit RNN(std::shared_ptr<RNNCell> cell, RNNOptions options = {});
  /// Several cells make a StackedRNNCells.
  explicit RNN(std::vector<std::shared_ptr<RNNCell>> cells, RNNOptions options = {});
  std::string class_name() const override { return "keras.RNN"; }
  Config config() const override;
  std::vector<Module*> submodules() override { return {cell_.get()}; }

  RNNResult operator()(const Nest& inputs, const RNNCallOptions& options = {});

  /// Of a stateful layer: the given states, or zeros, for the next call. Throws RuntimeError if the layer is not
  /// stateful, ValueError for a wrong number of states, or shapes unlike those recorded.
  void reset_states(const std::vector<Tensor>& states = {});
  /// The states recorded by a stateful layer; empty before the first call.
  const std::vector<Tensor>& states() const { return states_; }

  const std::shared_ptr<RNNCell>& cell() const { return cell_; }
  const RNNOptions& options() const { return options_; }

  /// A layer of the same arguments with new variables, these options and a prefix to its name: what Bidirectional makes
  /// of the layer it is given. Throws ValueError for an RNN around a cell of the user's own.
  virtual std::shared_ptr<RNN> remake(RNNOptions options) const;

 protected:
  std::string default_name() const override;

 private:
  void create(const SpecNest& inputs) override;
  Nest first_state(const RNNCallOptions& options, Index batch, DType dtype);

  std::shared_ptr<RNNCell> cell_;
  RNNOptions options_;
  std::vector<Tensor> states_;
};

}  // namespace unroll::keras
