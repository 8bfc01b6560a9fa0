#pragma once
// RNNCell: one step of a recurrent network, TensorFlow v1's tf.nn.rnn_cell.RNNCell.
#include <optional>

#include "unroll/autograd/module.hpp"

namespace unroll {

/// What a step gives.
struct StepResult {
  Nest output;
  Nest state;
};

/// A graph module: named variables and a function (inputs, state) -> (output, new state), written in small ops. It says
/// nothing about time, lengths, layers or threads; dynamic_rnn repeats it over a sequence. A cell of your own:
///
///     class MinimalCell : public RNNCell {
///      public:
///       explicit MinimalCell(Index units) : units_(units) {}
///       std::string class_name() const override { return "MinimalCell"; }
///       SizeNest state_size() const override { return units_; }
///       SizeNest output_size() const override { return units_; }
///      private:
///       void create(const SpecNest& inputs) override {
///         kernel_ = add_variable("kernel", {inputs.leaf().shape[1] + units_, units_});
///       }
///       StepResult call(const Nest& inputs, const Nest& state) override {
///         Tensor h = tanh(matmul(concat(inputs, state, 1), kernel_));
///         return {h, h};
///       }
///       Index units_;
///       Variable kernel_;
///     };
class RNNCell : public Module {
 public:
  /// Sizes of the state and of the output, without the batch dimension: an integer n stands for tensors of shape
  /// (batch, n), a Shape for (batch,) + shape, a structure for a structure of those.
  virtual SizeNest state_size() const = 0;
  virtual SizeNest output_size() const = 0;

  /// Zeros in the structure of state_size. Throws ValueError for a negative batch size.
  virtual Nest zero_state(Index batch_size, DType dtype) const;

  struct InitialStateOptions {
    Nest inputs = {};  // batch size and dtype are taken from its first tensor
    std::optional<Index> batch_size = {};
    std::optional<DType> dtype = {};
  };
  /// zero_state for the batch size and dtype of the inputs, or for those given. Throws ValueError if they are neither
  /// given nor follow from inputs, or if both and they differ (TensorFlow's get_initial_state).
  Nest get_initial_state(const InitialStateOptions& options) const;

  /// One step. The first call creates the variables, within the variable scopes around it.
  StepResult operator()(const Nest& inputs, const Nest& state);

  /// Called once before the first step of a sequence by dynamic_rnn and the other functions that take many steps. A
  /// cell that draws random numbers which stay the same over a sequence forgets the old ones here. By default it is
  /// handed on to the cells inside.
  virtual void begin_sequence();

 protected:
  explicit RNNCell(std::string name = {}, std::optional<DType> dtype = {});

  /// The equations. Throws what the ops throw, or more plainly (see check.hpp).
  virtual StepResult call(const Nest& inputs, const Nest& state) = 0;

 private:
  bool called_ = false;
};

/// The state of an LSTM: (c, h), c first.
Nest LSTMStateTuple(const Tensor& c, const Tensor& h);

}  // namespace unroll
