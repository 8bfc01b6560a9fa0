#pragma once
#include "unroll/cells/keras/cell.hpp"

namespace unroll::keras {

struct LayerNormSimpleRNNCellOptions {
  CellOptions cell = {};
  double layernorm_epsilon = 1e-5;
};

/// keras::SimpleRNNCell with layer normalisation (tfa.rnn.LayerNormSimpleRNNCell; Ba et al. 2016, arXiv:1607.06450):
///
///     h' = activation(norm(x kernel + h recurrent_kernel) + bias)
///
/// where norm has gamma and no beta. State h (batch, units); the output is h'. Variables: kernel (depth, units),
/// recurrent_kernel (units, units), bias (units,), gamma (units,).
class LayerNormSimpleRNNCell : public Cell {
 public:
  explicit LayerNormSimpleRNNCell(Index units, LayerNormSimpleRNNCellOptions options = {});
  std::string class_name() const override { return "keras.LayerNormSimpleRNNCell"; }
  SizeNest state_size() const override { return units_; }

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  double epsilon_;
  Variable gamma_;
};

}  // namespace unroll::keras
