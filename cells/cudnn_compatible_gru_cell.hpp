#pragma once
#include "unroll/cells/gru_cell.hpp"

namespace unroll {

/// GRU with the reset gate after the product, as cuDNN and PyTorch have it (tf.contrib.cudnn_rnn's
/// CudnnCompatibleGRUCell; torch.nn.GRU; Cho et al. 2014, arXiv:1406.1078v3):
///
///     [r, u] = sigmoid([x, h] gates/kernel + gates/bias)
///     c  = activation(x input kernel + input bias + r * (h hidden kernel + hidden bias))
///     h' = u * h + (1 - u) * c
///
/// State h (batch, num_units); the output is h'. Variables: gates/kernel (depth + num_units, 2 num_units), gates/bias,
/// ones; candidate/input_projection/kernel (depth, num_units), candidate/hidden_projection/kernel (num_units,
/// num_units), candidate/input_projection/bias, candidate/hidden_projection/bias, zeros.
class CudnnCompatibleGRUCell : public RNNCell {
 public:
  explicit CudnnCompatibleGRUCell(Index num_units, GRUCellOptions options = {});
  std::string class_name() const override { return "CudnnCompatibleGRUCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  GRUCellOptions options_;
  Variable gates_kernel_, gates_bias_, input_kernel_, hidden_kernel_, input_bias_, hidden_bias_;
};

}  // namespace unroll
