#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/norm_variables.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct LayerNormLSTMCellOptions {
  bool use_peepholes = false;
  std::optional<double> cell_clip = {};
  Initializer initializer = {};        // of kernel, peepholes and projection; glorot uniform
  std::optional<Index> num_proj = {};  // width of a projection of the output
  std::optional<double> proj_clip = {};
  double forget_bias = 1.0;            // added to the forget gate at each step, not stored
  ActivationArgument activation = {};  // tanh
  bool layer_norm = false;
  double norm_gain = 1.0;   // what gammas begin with
  double norm_shift = 0.0;  // what betas begin with
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTMCell with normalised gates and cell state (tf.contrib.rnn's LayerNormLSTMCell; Ba et al. 2016,
/// arXiv:1607.06450):
///
///     i, j, f, o = norm of each part of [x, h] kernel         (without layer_norm: [x, h] kernel + bias)
///     c' = clip(norm(sigmoid(f + forget_bias + w_f_diag * c) * c + sigmoid(i + w_i_diag * c) * activation(j)))
///     h' = sigmoid(o + w_o_diag * c') * activation(c'), or that times projection/kernel, clipped
///
/// norm as in LayerNormBasicLSTMCell. State LSTMStateTuple(c (batch, num_units), h (batch, num_proj or num_units)); the
/// output is h'. Variables: kernel, bias (also with layer_norm, where nothing reads it), then gamma and beta of input,
/// transform, forget and output, with peepholes w_f_diag, w_i_diag, w_o_diag, then state/gamma and state/beta, with
/// num_proj projection/kernel. Throws ValueError for negative sizes, clips or a num_proj of 0.
class LayerNormLSTMCell : public RNNCell {
 public:
  explicit LayerNormLSTMCell(Index num_units, LayerNormLSTMCellOptions options = {});
  std::string class_name() const override { return "LayerNormLSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return output_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, output_units_, depth_ = 0;
  LayerNormLSTMCellOptions options_;
  Variable kernel_, bias_, w_f_diag_, w_i_diag_, w_o_diag_, projection_;
  NormVariables input_, transform_, forget_, output_, state_;
};

}  // namespace unroll
