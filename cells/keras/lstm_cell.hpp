#pragma once
#include "unroll/cells/keras/cell.hpp"

namespace unroll::keras {

/// tf.keras.layers.LSTMCell, with gates in the order i, f, c, o and the state (h, c):
///
///     [i, f, g, o] = x kernel + h recurrent_kernel + bias;  i, f, o = recurrent_activation(i, f, o)
///     c' = f * c + i * activation(g)
///     h' = o * activation(c')
///
/// State: the tuple (h, c), both (batch, units); the output is h'. Variables: kernel (depth, 4 units), recurrent_kernel
/// (units, 4 units), bias (4 units,), which with unit_forget_bias begins at 1 for f.
class LSTMCell : public Cell {
 public:
  explicit LSTMCell(Index units, CellOptions options = {});
  std::string class_name() const override { return "keras.LSTMCell"; }
  SizeNest state_size() const override { return SizeNest::tuple({units_, units_}); }

 protected:
  LSTMCell(std::string_view who, Index units, CellOptions options) : Cell(who, units, std::move(options)) {}
  void create(const SpecNest& inputs) override;
  /// (h, c) of the state, checked.
  std::pair<Tensor, Tensor> parts(const Nest& state, Index batch) const;

 private:
  StepResult call(const Nest& inputs, const Nest& state) override;
};

}  // namespace unroll::keras
