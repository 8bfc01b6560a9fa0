#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/norm_variables.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct CoupledInputForgetGateLSTMCellOptions {
  bool use_peepholes = false;          // the gates see the cell state
  Initializer initializer = {};        // of W_0, peepholes and projection; glorot uniform (TensorFlow ignores it)
  std::optional<Index> num_proj = {};  // width of a projection of the output
  std::optional<double> proj_clip = {};
  double forget_bias = 1.0;  // added to the forget gate at each step, not stored
  bool state_is_tuple = true;
  ActivationArgument activation = {};  // tanh
  bool layer_norm = false;
  double norm_gain = 1.0;   // what gammas begin with
  double norm_shift = 0.0;  // what betas begin with
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTM whose input gate is one minus its forget gate (tf.contrib.rnn.CoupledInputForgetGateLSTMCell; Greff et al.
/// 2015, arXiv:1503.04069):
///
///     j, f, o = parts of [x, h] W_0 + B                    (layer_norm: norm of each part of [x, h] W_0)
///     f  = sigmoid(f + forget_bias + W_F_diag * c)
///     c' = f * c + (1 - f) * activation(j)                 (layer_norm: norm of that)
///     h' = sigmoid(o + W_O_diag * c') * activation(c'), or that times W_P_0, clipped
///
/// norm as in LayerNormBasicLSTMCell. State LSTMStateTuple(c (batch, num_units), h (batch, num_proj or num_units)); the
/// output is h'. Variables: W_0 (depth + width of h, 3 num_units), B (3 num_units,), zeros, which layer_norm does not
/// read; with layer_norm gamma and beta of transform, forget and output; with peepholes W_F_diag, W_O_diag; with
/// layer_norm state/gamma, state/beta; with num_proj W_P_0. Throws ValueError for negative sizes, clips or a num_proj
/// of 0.
class CoupledInputForgetGateLSTMCell : public RNNCell {
 public:
  explicit CoupledInputForgetGateLSTMCell(Index num_units, CoupledInputForgetGateLSTMCellOptions options = {});
  std::string class_name() const override { return "CoupledInputForgetGateLSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return output_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, output_units_, depth_ = 0;
  CoupledInputForgetGateLSTMCellOptions options_;
  Variable kernel_, bias_, w_f_diag_, w_o_diag_, projection_;
  NormVariables transform_, forget_, output_, state_;
};

}  // namespace unroll
