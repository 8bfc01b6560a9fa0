#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct SRUCellOptions {
  ActivationArgument activation = {};  // tanh
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// Simple recurrent unit (tf.contrib.rnn.SRUCell; Lei et al. 2017, arXiv:1709.02755): no product with the state, so all
/// of its products can be taken at once for all steps.
///
///     [z, f, r, y] = x kernel,  [f, r] = sigmoid([f, r] + bias)
///     c' = f * c + (1 - f) * z
///     output = r * activation(c') + (1 - r) * y
///
/// State c (batch, num_units). Variables: kernel (depth, 4 num_units), glorot uniform; bias (2 num_units,), zeros.
/// Throws ValueError for a negative size.
class SRUCell : public RNNCell {
 public:
  explicit SRUCell(Index num_units, SRUCellOptions options = {});
  std::string class_name() const override { return "SRUCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  SRUCellOptions options_;
  Variable kernel_, bias_;
};

}  // namespace unroll
