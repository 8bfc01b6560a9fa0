#pragma once
#include "unroll/cells/keras/cell.hpp"

namespace unroll::keras {

/// tf.keras.layers.SimpleRNNCell:
///
///     h' = activation(x kernel + bias + h recurrent_kernel)
///
/// State h (batch, units); the output is h'. Variables: kernel (depth, units), recurrent_kernel (units, units), bias
/// (units,).
class SimpleRNNCell : public Cell {
 public:
  explicit SimpleRNNCell(Index units, CellOptions options = {});
  std::string class_name() const override { return "keras.SimpleRNNCell"; }
  SizeNest state_size() const override { return units_; }

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;
};

}  // namespace unroll::keras
