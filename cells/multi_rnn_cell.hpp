#pragma once
#include <memory>

#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct MultiRNNCellOptions {
  bool state_is_tuple = true;  // false: the state is one tensor, all states side by side
  std::string name = {};
};

/// A stack of cells (tf.nn.rnn_cell.MultiRNNCell): the output of each is the input of the next. The state is the tuple
/// of their states; the output that of the last. Variables are those of the cells, under cell_0/, cell_1/, ...
///
///     MultiRNNCell stack(LSTMCell(128), LSTMCell(256));
///
/// Throws ValueError if there is no cell, TypeError if one is null, and ValueError if `state_is_tuple` is false and a
/// cell's state is no single tensor. A cell that is given twice shares its variables.
class MultiRNNCell : public RNNCell {
 public:
  explicit MultiRNNCell(std::vector<std::shared_ptr<RNNCell>> cells, MultiRNNCellOptions options = {});
  /// From cells that are moved in.
  template <std::derived_from<RNNCell>... Cells>
  requires(sizeof...(Cells) > 1) explicit MultiRNNCell(Cells... cells)
      : MultiRNNCell(std::vector<std::shared_ptr<RNNCell>>{std::make_shared<Cells>(std::move(cells))...}) {}

  std::string class_name() const override { return "MultiRNNCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return cells_.back()->output_size(); }
  Nest zero_state(Index batch_size, DType dtype) const override;
  Config config() const override { return {{"state_is_tuple", state_is_tuple_}}; }
  std::vector<Module*> submodules() override;
  void begin_sequence() override;

  const std::vector<std::shared_ptr<RNNCell>>& cells() const { return cells_; }

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  std::vector<std::shared_ptr<RNNCell>> cells_;
  bool state_is_tuple_;
};

}  // namespace unroll
