#pragma once
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct LSTMBlockCellOptions {
  double forget_bias = 1.0;              // added to the forget gate at each step, not stored
  std::optional<double> cell_clip = {};  // c' is clipped to +-cell_clip if it is above 0
  bool use_peephole = false;
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTMCell without projection (tf.contrib.rnn.LSTMBlockCell; Zaremba et al. 2014, arXiv:1409.2329). What is fused by
/// hand in TensorFlow is fused by the compiler here, for every cell. Differs from LSTMCell in the clip: 0 means none,
/// and the gradient passes it unchanged. Variables: kernel (depth + num_units, 4 num_units), bias, zeros; with
/// use_peephole w_i_diag, w_f_diag, w_o_diag. They are in the scope lstm_cell, so that weights of an LSTMCell fit.
class LSTMBlockCell : public RNNCell {
 public:
  explicit LSTMBlockCell(Index num_units, LSTMBlockCellOptions options = {});
  std::string class_name() const override { return "LSTMBlockCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 protected:
  std::string default_name() const override { return "lstm_cell"; }

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  LSTMBlockCellOptions options_;
  Variable kernel_, bias_, w_i_diag_, w_f_diag_, w_o_diag_;
};

}  // namespace unroll
