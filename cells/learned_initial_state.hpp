#pragma once
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

/// The first state of a cell as variables, zeros at first, the same for all rows: what a model is like before it has
/// seen anything is learned with the rest.
///
///     LearnedInitialState start(cell);
///     auto [outputs, state] = dynamic_rnn(cell, x, {.initial_state = start(batch_size)});
///
/// Variables: state_0, state_1, ... of the sizes of the leaves of cell.state_size(), in order.
class LearnedInitialState : public Module {
 public:
  explicit LearnedInitialState(const RNNCell& cell, DType dtype = float32, std::string name = {});
  std::string class_name() const override { return "LearnedInitialState"; }

  /// In the structure of the cell's state, tensors of shape (batch_size,) + size. Throws ValueError for a negative
  /// batch size.
  Nest operator()(Index batch_size);

 private:
  void create(const SpecNest& state) override;

  SpecNest state_;  // of one row
};

}  // namespace unroll
