#pragma once
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct PhasedLSTMCellOptions {
  bool use_peepholes = false;  // the gates see the cell state, through whole matrices
  double leak = 0.001;         // how much passes while a unit is closed
  double ratio_on = 0.1;       // what ratio_on begins with: the share of a period in which a unit is open
  bool trainable_ratio_on = true;
  double period_init_min = 1.0;  // periods begin between these two, their logarithm evenly distributed
  double period_init_max = 1000.0;
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTM whose units are open at periodic times only (tf.contrib.rnn.PhasedLSTMCell; Neil et al. 2016,
/// arXiv:1610.09513). The inputs are a tuple (time (batch, 1), x (batch, depth)):
///
///     [i, f] = sigmoid(linear(x, h [, c])),  c~ = f * c + i * tanh(linear(x, h))
///     h~ = tanh(c~) * sigmoid(linear(x, h [, c~]))
///     p = ((time - phase) mod period) / period
///     k = 2 p / ratio_on where p < ratio_on / 2,  2 - 2 p / ratio_on where p < ratio_on,  leak p elsewhere
///     c' = k c~ + (1 - k) c,  h' = k h~ + (1 - k) h
///
/// The gradient of mod is 1 for time - phase and 0 for period. State LSTMStateTuple(c, h), both (batch, num_units); the
/// output is h'. Variables: kernel and bias (zeros) of mask_gates, new_input and output_gate, then period, phase
/// (between 0 and the period) and ratio_on, (num_units,) each. Throws ValueError for a negative size, or periods that
/// are not 0 < min <= max.
class PhasedLSTMCell : public RNNCell {
 public:
  explicit PhasedLSTMCell(Index num_units, PhasedLSTMCellOptions options = {});
  std::string class_name() const override { return "PhasedLSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;
  Tensor openness(const Tensor& time) const;

  Index num_units_, depth_ = 0;
  PhasedLSTMCellOptions options_;
  Variable mask_kernel_, mask_bias_, input_kernel_, input_bias_, output_kernel_, output_bias_;
  Variable period_, phase_, ratio_on_;
};

}  // namespace unroll
