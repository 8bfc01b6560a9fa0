#pragma once
#include "unroll/cells/keras/lstm_cell.hpp"

namespace unroll::keras {

/// keras::LSTMCell whose gates see the cell state (tfa.rnn.PeepholeLSTMCell; Gers and Schmidhuber 2000): i and f have
/// their peephole weights times c added before the activation, o has its times c'. Further variables:
/// input_gate_peephole_weights, forget_gate_peephole_weights, output_gate_peephole_weights (units,).
class PeepholeLSTMCell : public LSTMCell {
 public:
  explicit PeepholeLSTMCell(Index units, CellOptions options = {});
  std::string class_name() const override { return "keras.PeepholeLSTMCell"; }

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Variable of_input_gate_, of_forget_gate_, of_output_gate_;
};

}  // namespace unroll::keras
