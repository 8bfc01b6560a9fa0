#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct IndyLSTMCellOptions {
  double forget_bias = 1.0;             // added to the forget gate at each step, not stored
  ActivationArgument activation = {};   // tanh
  Initializer kernel_initializer = {};  // of the kernel of the input; glorot uniform
  Initializer bias_initializer = {};    // zeros
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTM whose units see their own h alone (tf.contrib.rnn.IndyLSTMCell; Gonnet and Deselaers 2019, arXiv:1903.08023):
///
///     [i, j, f, o] = x kernel_w + [h, h, h, h] * kernel_u + bias
///     c' = sigmoid(f + forget_bias) * c + sigmoid(i) * activation(j)
///     h' = sigmoid(o) * activation(c')
///
/// State LSTMStateTuple(c, h), both (batch, num_units); the output is h'. Variables: kernel_w (depth, 4 num_units);
/// kernel_u (1, 4 num_units), uniform in [-1, 1); bias (4 num_units,). Throws ValueError for a negative size.
class IndyLSTMCell : public RNNCell {
 public:
  explicit IndyLSTMCell(Index num_units, IndyLSTMCellOptions options = {});
  std::string class_name() const override { return "IndyLSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  IndyLSTMCellOptions options_;
  Variable kernel_w_, kernel_u_, bias_;
};

}  // namespace unroll
