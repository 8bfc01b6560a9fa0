#pragma once
#include "unroll/cells/multi_rnn_cell.hpp"

namespace unroll::keras {

/// MultiRNNCell under the name and with the scopes of tf.keras.layers.StackedRNNCells: stacked_rnn_cells/lstm_cell, and
/// the second cell of one name in stacked_rnn_cells/cell_1/lstm_cell. The state is the tuple of the cells' states.
class StackedRNNCells : public MultiRNNCell {
 public:
  explicit StackedRNNCells(std::vector<std::shared_ptr<RNNCell>> cells, std::string name = {});
  std::string class_name() const override { return "keras.StackedRNNCells"; }

 private:
  std::string default_name() const override { return "stacked_rnn_cells"; }
  void create(const SpecNest& inputs) override;
};

}  // namespace unroll::keras
