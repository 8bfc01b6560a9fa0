#pragma once
// What recipes train: recurrent layers and a Dense.
#include "train_options.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/rnn_cell.hpp"

namespace unroll::program {

class SequenceModel {
 public:
  SequenceModel(const TrainOptions& options, Index inputs, Index outputs);

  /// (rows, time, inputs) -> (rows, time, outputs); `state` goes on from call to call. Drops only under a tape.
  Tensor operator()(const Tensor& inputs, Nest& state);
  /// (rows, time, inputs) -> (rows, outputs), after the last step of each row.
  Tensor last(const Tensor& inputs, const Tensor& lengths);
  Nest zero_state(Index rows) const;

  /// The cell, or stack, and the Dense.
  std::vector<Module*> modules() { return {cell_.get(), &head_}; }
  RNNCell& cell() { return *cell_; }
  Dense& head() { return head_; }

 private:
  RNNCell& cell_of_now();

  std::shared_ptr<RNNCell> cell_, dropping_;  // of the same layers
  Dense head_;
  double dropout_;
};

}  // namespace unroll::program
