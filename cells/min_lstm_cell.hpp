#pragma once
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct MinLSTMCellOptions {
  Initializer kernel_initializer = {};  // glorot uniform
  Initializer bias_initializer = {};    // zeros
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// The LSTM without a state in its gates or candidate, and without an output gate (Feng et al. 2024, arXiv:2410.01201):
/// all products can be taken at once for all steps.
///
///     [f, i, c] = x kernel + bias,  f = sigmoid(f),  i = sigmoid(i)
///     h' = f / (f + i) * h + i / (f + i) * c
///
/// State h (batch, num_units); the output is h'. Variables: kernel (depth, 3 num_units), bias (3 num_units,). Throws
/// ValueError for a negative size.
class MinLSTMCell : public RNNCell {
 public:
  explicit MinLSTMCell(Index num_units, MinLSTMCellOptions options = {});
  std::string class_name() const override { return "MinLSTMCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  MinLSTMCellOptions options_;
  Variable kernel_, bias_;
};

}  // namespace unroll
