#include "unroll/rnn/keras/gru.hpp"

namespace unroll::keras {

GRU::GRU(Index units, RNNOptions layer, CellOptions cell)
    : RNN(std::make_shared<GRUCell>(units, cell), std::move(layer)), arguments_(std::move(cell)) {}

std::shared_ptr<RNN> GRU::remake(RNNOptions options) const {
  return std::make_shared<GRU>(static_cast<const Cell&>(*cell()).units(), std::move(options), arguments_);
}

}  // namespace unroll::keras
