#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct BasicRNNCellOptions {
  ActivationArgument activation = {};  // tanh
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// The simplest recurrent cell (tf.nn.rnn_cell.BasicRNNCell; Elman 1990):
///
///     h' = activation([x, h] kernel + bias)
///
/// State h (batch, num_units); the output is h'. Variables: kernel (depth + num_units, num_units), glorot uniform; bias
/// (num_units,), zeros.
class BasicRNNCell : public RNNCell {
 public:
  explicit BasicRNNCell(Index num_units, BasicRNNCellOptions options = {});
  std::string class_name() const override { return "BasicRNNCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  ActivationArgument activation_;
  Variable kernel_, bias_;
};

}  // namespace unroll
