#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct LSTMCellOptions {
  bool use_peepholes = false;            // the gates see the cell state
  std::optional<double> cell_clip = {};  // c' is clipped to +-cell_clip, also for 0
  Initializer initializer = {};          // of kernel, peepholes and projection; glorot uniform
  std::optional<Index> num_proj = {};    // width of a projection of the output
  std::optional<double> proj_clip = {};  // the projected output is clipped; without num_proj it is ignored
  double forget_bias = 1.0;              // added to the forget gate at each step, not stored
  bool state_is_tuple = true;            // false: the state is one tensor [c, h]
  ActivationArgument activation = {};    // tanh
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// Long short-term memory (tf.nn.rnn_cell.LSTMCell; Hochreiter and Schmidhuber 1997; peepholes and projection as in Sak
/// et al. 2014, arXiv:1402.1128):
///
///     [i, j, f, o] = [x, h] kernel + bias
///     c' = sigmoid(f + forget_bias + w_f_diag * c) * c + sigmoid(i + w_i_diag * c) * activation(j), clipped
///     h' = sigmoid(o + w_o_diag * c') * activation(c'), or that times projection/kernel, clipped
///
/// State LSTMStateTuple(c (batch, num_units), h (batch, num_proj or num_units)); the output is h'. Variables: kernel
/// (depth + width of h, 4 num_units), bias (4 num_units,), zeros; with peepholes w_f_diag, w_i_diag, w_o_diag
/// (num_units,); with num_proj projection/kernel (num_units, num_proj). Throws ValueError for negative sizes, clips or
/// a num_proj of 0.
class LSTMCell : public RNNCell {
 public:
  explicit LSTMCell(Index num_units, LSTMCellOptions options = {});
  std::string class_name() const override { return "LSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return output_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, output_units_, depth_ = 0;
  LSTMCellOptions options_;
  Variable kernel_, bias_, w_f_diag_, w_i_diag_, w_o_diag_, projection_;
};

}  // namespace unroll
