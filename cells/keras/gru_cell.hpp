#pragma once
#include "unroll/cells/keras/cell.hpp"

namespace unroll::keras {

/// tf.keras.layers.GRUCell, with gates in the order z, r, h:
///
///     z, r = recurrent_activation(x kernel + b0 + h recurrent_kernel + b1)      (the first two thirds of columns)
///     c  = activation(x kernel + b0 + r * (h recurrent_kernel + b1))            (the last third)
///          or, without reset_after, activation(x kernel + bias + (r * h) recurrent_kernel)
///     h' = z * h + (1 - z) * c
///
/// State h (batch, units); the output is h'. Variables: kernel (depth, 3 units), recurrent_kernel (units, 3 units),
/// bias (2, 3 units) with the rows b0 and b1, or (3 units,) without reset_after.
class GRUCell : public Cell {
 public:
  explicit GRUCell(Index units, CellOptions options = {});
  std::string class_name() const override { return "keras.GRUCell"; }
  SizeNest state_size() const override { return units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;
};

}  // namespace unroll::keras
