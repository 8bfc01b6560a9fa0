#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct MGUCellOptions {
  ActivationArgument activation = {};   // tanh
  Initializer kernel_initializer = {};  // of both kernels; glorot uniform
  Initializer bias_initializer = {};    // of both biases; ones for the gate and zeros for the candidate
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// Minimal gated unit: a GRU with one gate for both purposes (Zhou et al. 2016, arXiv:1603.09420):
///
///     f  = sigmoid([x, h] gate/kernel + gate/bias)
///     c  = activation([x, f * h] candidate/kernel + candidate/bias)
///     h' = (1 - f) * h + f * c
///
/// State h (batch, num_units); the output is h'. Variables: gate/kernel (depth + num_units, num_units), gate/bias,
/// candidate/kernel (depth + num_units, num_units), candidate/bias. Throws ValueError for a negative size.
class MGUCell : public RNNCell {
 public:
  explicit MGUCell(Index num_units, MGUCellOptions options = {});
  std::string class_name() const override { return "MGUCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  MGUCellOptions options_;
  Variable gate_kernel_, gate_bias_, candidate_kernel_, candidate_bias_;
};

}  // namespace unroll
