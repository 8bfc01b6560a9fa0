#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct BasicLSTMCellOptions {
  double forget_bias = 1.0;            // added to the forget gate at each step, not stored
  bool state_is_tuple = true;          // false: the state is one tensor [c, h]
  ActivationArgument activation = {};  // tanh
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTM without peepholes, clips and projection (tf.nn.rnn_cell.BasicLSTMCell; Zaremba et al. 2014, arXiv:1409.2329):
///
///     [i, j, f, o] = [x, h] kernel + bias
///     c' = sigmoid(f + forget_bias) * c + sigmoid(i) * activation(j)
///     h' = sigmoid(o) * activation(c')
///
/// State LSTMStateTuple(c, h), both (batch, num_units); the output is h'. Variables: kernel (depth + num_units, 4
/// num_units), glorot uniform; bias (4 num_units,), zeros.
class BasicLSTMCell : public RNNCell {
 public:
  explicit BasicLSTMCell(Index num_units, BasicLSTMCellOptions options = {});
  std::string class_name() const override { return "BasicLSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  BasicLSTMCellOptions options_;
  Variable kernel_, bias_;
};

}  // namespace unroll
