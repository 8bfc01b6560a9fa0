#pragma once
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct MinGRUCellOptions {
  Initializer kernel_initializer = {};  // glorot uniform
  Initializer bias_initializer = {};    // zeros
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// The GRU without a state in its gate or candidate (Feng et al. 2024, arXiv:2410.01201): all products can be taken at
/// once for all steps.
///
///     [z, c] = x kernel + bias
///     h' = (1 - sigmoid(z)) * h + sigmoid(z) * c
///
/// State h (batch, num_units); the output is h'. Variables: kernel (depth, 2 num_units), bias (2 num_units,). Throws
/// ValueError for a negative size.
class MinGRUCell : public RNNCell {
 public:
  explicit MinGRUCell(Index num_units, MinGRUCellOptions options = {});
  std::string class_name() const override { return "MinGRUCell"; }
  SizeNest state_size() const override { return num_units_; }
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  MinGRUCellOptions options_;
  Variable kernel_, bias_;
};

}  // namespace unroll
