#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct IntersectionRNNCellOptions {
  std::optional<Index> num_in_proj = {};  // width of a projection of inputs whose depth is not num_units
  Initializer initializer = {};           // of the kernels; glorot uniform
  double forget_bias = 1.0;               // added to both gates at each step, not stored
  ActivationArgument y_activation = {};   // relu
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// Intersection RNN (tf.contrib.rnn.IntersectionRNNCell; Collins et al. 2016, arXiv:1611.09913), with a gate through
/// time and one through depth:
///
///     [gh, h, gy, y] = [x, s] kernel + bias,  gh = sigmoid(gh + forget_bias),  gy = sigmoid(gy + forget_bias)
///     s'     = gh * s + (1 - gh) * tanh(h)
///     output = gy * x + (1 - gy) * y_activation(y)
///
/// where x is projected first if its depth is not num_units. State s (batch, num_units). Variables: kernel (2
/// num_units, 4 num_units) and bias, zeros; before them, where inputs are projected, in_projection/kernel (depth,
/// num_in_proj) and in_projection/bias. The first call throws ValueError if the depth is not num_units and num_in_proj
/// is not given or not num_units.
class IntersectionRNNCell : public RNNCell {
 public:
  explicit IntersectionRNNCell(Index num_units, IntersectionRNNCellOptions options = {});
  std::string class_name() const override { return "IntersectionRNNCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  IntersectionRNNCellOptions options_;
  Variable in_kernel_, in_bias_, kernel_, bias_;
};

}  // namespace unroll
