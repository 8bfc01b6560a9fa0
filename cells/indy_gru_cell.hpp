#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct IndyGRUCellOptions {
  ActivationArgument activation = {};   // tanh
  Initializer kernel_initializer = {};  // of the kernels of the input; glorot uniform
  Initializer bias_initializer = {};    // of both biases; ones for the gates and zeros for the candidate
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// GRU whose units see their own state alone (tf.contrib.rnn.IndyGRUCell; Li et al. 2018, arXiv:1803.04831; Cho et al.
/// 2014, arXiv:1406.1078):
///
///     [r, u] = sigmoid(x gates/kernel_w + [h, h] * gates/kernel_u + gates/bias)
///     c  = activation(x candidate/kernel + r * h * candidate/kernel_u + candidate/bias)
///     h' = u * h + (1 - u) * c
///
/// State h (batch, num_units); the output is h'. Variables: gates/kernel_w (depth, 2 num_units), gates/kernel_u (1, 2
/// num_units), gates/bias, candidate/kernel (depth, num_units), candidate/kernel_u (1, num_units), candidate/bias; the
/// kernels of the state begin uniform in [-1, 1). Throws ValueError for a negative size.
class IndyGRUCell : public RNNCell {
 public:
  explicit IndyGRUCell(Index num_units, IndyGRUCellOptions options = {});
  std::string class_name() const override { return "IndyGRUCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  IndyGRUCellOptions options_;
  Variable gates_w_, gates_u_, gates_bias_, candidate_w_, candidate_u_, candidate_bias_;
};

}  // namespace unroll
