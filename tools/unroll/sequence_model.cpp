#include "sequence_model.hpp"

#include "unroll/autograd/log.hpp"
#include "unroll/autograd/ops/dropout.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

namespace unroll::program {
namespace {

using Cells = std::vector<std::shared_ptr<RNNCell>>;

std::shared_ptr<RNNCell> layer(const std::string& kind, Index units) {
  if (kind == "gru") return std::make_shared<CudnnCompatibleGRUCell>(units);
  if (kind == "rnn") return std::make_shared<BasicRNNCell>(units);
  return std::make_shared<LSTMCell>(units);
}

std::shared_ptr<RNNCell> stack(const Cells& cells) {
  return cells.size() == 1 ? cells[0] : std::make_shared<MultiRNNCell>(cells);
}

bool is_training() { return detail::thread_log().recording(); }

}  // namespace

SequenceModel::SequenceModel(const TrainOptions& options, Index inputs, Index outputs)
    : head_(outputs), dropout_(options.dropout) {
  Cells cells, dropping;
  for (Index k = 0; k < options.layers; ++k) cells.push_back(layer(options.cell, options.units));
  cell_ = stack(cells);
  cell_->build(TensorSpec{{1, inputs}, float32});
  head_.build(TensorSpec{{1, options.units}, float32});
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const bool is_last = k + 1 == cells.size();  // operator() and last() drop from what this gives
    dropping.push_back(dropout_ > 0 && !is_last ? std::make_shared<DropoutWrapper>(
                                                      cells[k], DropoutWrapperOptions{.output_keep_prob = 1 - dropout_})
                                                : cells[k]);
  }
  dropping_ = stack(dropping);
}

RNNCell& SequenceModel::cell_of_now() { return is_training() ? *dropping_ : *cell_; }

Tensor SequenceModel::operator()(const Tensor& inputs, Nest& state) {
  auto [outputs, next] = dynamic_rnn(cell_of_now(), inputs, {.initial_state = state});
  state = next;
  return head_(is_training() ? dropout(outputs, dropout_) : outputs.leaf());
}

Tensor SequenceModel::last(const Tensor& inputs, const Tensor& lengths) {
  const Nest state = dynamic_rnn(cell_of_now(), inputs, {.sequence_length = lengths, .dtype = float32}).state;
  const Tensor top = state.flatten().back();  // h is the last part of an LSTM's state
  return head_(is_training() ? dropout(top, dropout_) : top);
}

Nest SequenceModel::zero_state(Index rows) const { return cell_->zero_state(rows, float32); }

}  // namespace unroll::program
