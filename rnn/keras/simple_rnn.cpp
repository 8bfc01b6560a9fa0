#include "unroll/rnn/keras/simple_rnn.hpp"

namespace unroll::keras {

SimpleRNN::SimpleRNN(Index units, RNNOptions layer, CellOptions cell)
    : RNN(std::make_shared<SimpleRNNCell>(units, cell), std::move(layer)), arguments_(std::move(cell)) {}

std::shared_ptr<RNN> SimpleRNN::remake(RNNOptions options) const {
  return std::make_shared<SimpleRNN>(static_cast<const Cell&>(*cell()).units(), std::move(options), arguments_);
}

}  // namespace unroll::keras
