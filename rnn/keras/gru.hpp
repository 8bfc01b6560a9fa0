#pragma once
#include "unroll/cells/keras/gru_cell.hpp"
#include "unroll/rnn/keras/rnn.hpp"

namespace unroll::keras {

/// tf.keras.layers.GRU: an RNN around a GRUCell. `layer` has the arguments of the layer, `cell` those of its
/// cell: keras::GRU(32, {.return_sequences = true}, {.use_bias = false}).
class GRU : public RNN {
 public:
  explicit GRU(Index units, RNNOptions layer = {}, CellOptions cell = {});
  std::string class_name() const override { return "keras.GRU"; }
  std::shared_ptr<RNN> remake(RNNOptions options) const override;

 private:
  CellOptions arguments_;
};

}  // namespace unroll::keras
