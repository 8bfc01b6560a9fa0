#pragma once
// Masks in a loop. For the sources of Keras layers.
#include "unroll/cells/rnn_cell.hpp"

namespace unroll::keras {

/// A cell whose inputs are (inputs of another cell, mask (batch, 1) of bool) and whose state is (that cell's state, its
/// last output): at masked rows both stay as they are, and the output is the last one, or zero.
class MaskedCell : public RNNCell {
 public:
  MaskedCell(RNNCell& cell, bool zero_output) : cell_(cell), zero_output_(zero_output) {}
  std::string class_name() const override { return "MaskedCell"; }
  SizeNest state_size() const override { return SizeNest::tuple({cell_.state_size(), cell_.output_size()}); }
  SizeNest output_size() const override { return cell_.output_size(); }
  Nest zero_state(Index batch_size, DType dtype) const override;
  void begin_sequence() override { cell_.begin_sequence(); }

 private:
  std::string default_name() const override { return {}; }
  StepResult call(const Nest& inputs, const Nest& state) override;

  RNNCell& cell_;
  bool zero_output_;
};

}  // namespace unroll::keras
