#pragma once
#include "unroll/cells/keras/lstm_cell.hpp"
#include "unroll/rnn/keras/rnn.hpp"

namespace unroll::keras {

/// tf.keras.layers.LSTM: an RNN around a LSTMCell. `layer` has the arguments of the layer, `cell` those of its
/// cell: keras::LSTM(32, {.return_sequences = true}, {.use_bias = false}).
class LSTM : public RNN {
 public:
  explicit LSTM(Index units, RNNOptions layer = {}, CellOptions cell = {});
  std::string class_name() const override { return "keras.LSTM"; }
  std::shared_ptr<RNN> remake(RNNOptions options) const override;

 private:
  CellOptions arguments_;
};

}  // namespace unroll::keras
