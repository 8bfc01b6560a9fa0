#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct UGRNNCellOptions {
  Initializer initializer = {};        // of the kernel; glorot uniform
  double forget_bias = 1.0;            // added to the gate at each step, not stored
  ActivationArgument activation = {};  // tanh
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// Update gate RNN (tf.contrib.rnn.UGRNNCell; Collins et al. 2016, arXiv:1611.09913):
///
///     [g, c] = [x, h] kernel + bias
///     g  = sigmoid(g + forget_bias)
///     h' = g * h + (1 - g) * activation(c)
///
/// State h (batch, num_units); the output is h'. Variables: kernel (depth + num_units, 2 num_units); bias, zeros.
class UGRNNCell : public RNNCell {
 public:
  explicit UGRNNCell(Index num_units, UGRNNCellOptions options = {});
  std::string class_name() const override { return "UGRNNCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  UGRNNCellOptions options_;
  Variable kernel_, bias_;
};

}  // namespace unroll
