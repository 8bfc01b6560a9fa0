#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct IndRNNCellOptions {
  ActivationArgument activation = {};  // tanh
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// Independently recurrent network: each unit sees its own state alone (tf.contrib.rnn.IndRNNCell; Li et al. 2018,
/// arXiv:1803.04831):
///
///     h' = activation(x kernel_w + kernel_u * h + bias)
///
/// State h (batch, num_units); the output is h'. Variables: kernel_w (depth, num_units), glorot uniform; kernel_u (1,
/// num_units), uniform in [-1, 1); bias (num_units,), zeros. Throws ValueError for a negative size.
class IndRNNCell : public RNNCell {
 public:
  explicit IndRNNCell(Index num_units, IndRNNCellOptions options = {});
  std::string class_name() const override { return "IndRNNCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  IndRNNCellOptions options_;
  Variable kernel_w_, kernel_u_, bias_;
};

}  // namespace unroll
