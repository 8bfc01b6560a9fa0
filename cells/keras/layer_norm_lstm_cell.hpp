#pragma once
#include "unroll/cells/keras/lstm_cell.hpp"

namespace unroll::keras {

struct LayerNormLSTMCellOptions {
  CellOptions cell = {};
  double epsilon = 1e-3;
};

/// keras::LSTMCell with layer normalisation (tfa.rnn.LayerNormLSTMCell; Ba et al. 2016, arXiv:1607.06450): the gates
/// are norm(x kernel) + norm(h recurrent_kernel) + bias, each over all 4 units columns, and c' is normalised before it
/// is used and carried on. Further variables: gamma and beta of kernel_norm and recurrent_norm (4 units,) and of
/// state_norm (units,).
class LayerNormLSTMCell : public LSTMCell {
 public:
  explicit LayerNormLSTMCell(Index units, LayerNormLSTMCellOptions options = {});
  std::string class_name() const override { return "keras.LayerNormLSTMCell"; }

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  double epsilon_;
  Variable kernel_gamma_, kernel_beta_, recurrent_gamma_, recurrent_beta_, state_gamma_, state_beta_;
};

}  // namespace unroll::keras
