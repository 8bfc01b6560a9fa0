#include "unroll/rnn/keras/lstm.hpp"

namespace unroll::keras {

LSTM::LSTM(Index units, RNNOptions layer, CellOptions cell)
    : RNN(std::make_shared<LSTMCell>(units, cell), std::move(layer)), arguments_(std::move(cell)) {}

std::shared_ptr<RNN> LSTM::remake(RNNOptions options) const {
  return std::make_shared<LSTM>(static_cast<const Cell&>(*cell()).units(), std::move(options), arguments_);
}

}  // namespace unroll::keras
