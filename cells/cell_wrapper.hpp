#pragma once
#include <concepts>
#include <memory>

#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

/// A cell around another one, with the same state and the same output sizes: what the wrappers of tf.nn.rnn_cell have
/// in common. A wrapper has no scope of its own, so that the variables inside have the names that they have without it:
/// "rnn/lstm_cell/kernel". A wrapper of your own overrides class_name and call.
class CellWrapper : public RNNCell {
 public:
  const std::shared_ptr<RNNCell>& wrapped_cell() const { return cell_; }

  SizeNest state_size() const override { return cell_->state_size(); }
  SizeNest output_size() const override { return cell_->output_size(); }
  Nest zero_state(Index batch_size, DType dtype) const override { return cell_->zero_state(batch_size, dtype); }
  std::vector<Module*> submodules() override { return {cell_.get()}; }
  void begin_sequence() override { cell_->begin_sequence(); }

 protected:
  /// Throws TypeError, in the name of `who`, if the cell is null.
  CellWrapper(std::string_view who, std::shared_ptr<RNNCell> cell, std::string name = {});

  void create(const SpecNest& inputs) override { cell_->build(inputs); }
  std::string default_name() const override { return {}; }

 private:
  std::shared_ptr<RNNCell> cell_;
};

/// A cell as a shared pointer, whether it is given as one or moved in.
template <std::derived_from<RNNCell> Cell>
std::shared_ptr<RNNCell> shared_cell(Cell cell) {
  return std::make_shared<Cell>(std::move(cell));
}

}  // namespace unroll
