#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct GRUCellOptions {
  ActivationArgument activation = {};   // tanh
  Initializer kernel_initializer = {};  // of both kernels; glorot uniform
  Initializer bias_initializer = {};    // of both biases; ones for the gates and zeros for the candidate
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// Gated recurrent unit (tf.nn.rnn_cell.GRUCell; Cho et al. 2014, arXiv:1406.1078), reset before the product:
///
///     [r, u] = sigmoid([x, h] gates/kernel + gates/bias)
///     c  = activation([x, r * h] candidate/kernel + candidate/bias)
///     h' = u * h + (1 - u) * c
///
/// State h (batch, num_units); the output is h'. Variables: gates/kernel (depth + num_units, 2 num_units), gates/bias,
/// candidate/kernel (depth + num_units, num_units), candidate/bias.
class GRUCell : public RNNCell {
 public:
  explicit GRUCell(Index num_units, GRUCellOptions options = {});
  std::string class_name() const override { return "GRUCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  ActivationArgument activation_;
  Initializer kernel_initializer_, bias_initializer_;
  Variable gates_kernel_, gates_bias_, candidate_kernel_, candidate_bias_;
};

}  // namespace unroll
