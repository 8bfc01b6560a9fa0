#pragma once
#include "unroll/cells/keras/simple_rnn_cell.hpp"
#include "unroll/rnn/keras/rnn.hpp"

namespace unroll::keras {

/// tf.keras.layers.SimpleRNN: an RNN around a SimpleRNNCell. `layer` has the arguments of the layer, `cell` those of
/// its cell: keras::SimpleRNN(32, {.return_sequences = true}, {.use_bias = false}).
class SimpleRNN : public RNN {
 public:
  explicit SimpleRNN(Index units, RNNOptions layer = {}, CellOptions cell = {});
  std::string class_name() const override { return "keras.SimpleRNN"; }
  std::shared_ptr<RNN> remake(RNNOptions options) const override;

 private:
  CellOptions arguments_;
};

}  // namespace unroll::keras
