#include "unroll/cells/keras/peephole_lstm_cell.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll::keras {

PeepholeLSTMCell::PeepholeLSTMCell(Index units, CellOptions options)
    : LSTMCell("keras.PeepholeLSTMCell", units, std::move(options)) {}

void PeepholeLSTMCell::create(const SpecNest& inputs) {
  LSTMCell::create(inputs);
  of_input_gate_ = add_variable("input_gate_peephole_weights", {units_}, options_.kernel_initializer);
  of_forget_gate_ = add_variable("forget_gate_peephole_weights", {units_}, options_.kernel_initializer);
  of_output_gate_ = add_variable("output_gate_peephole_weights", {units_}, options_.kernel_initializer);
}

StepResult PeepholeLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [h, c] = parts(state, x.shape(0));
  Tensor gates = input_product(x) + recurrent_product(h);
  if (options_.use_bias) gates = bias_add(gates, bias_);
  auto [i, f, g, o] = split<4>(gates, 1);
  const ActivationArgument& gate = options_.recurrent_activation;
  Tensor next_c = gate(f + of_forget_gate_ * c) * c + gate(i + of_input_gate_ * c) * options_.activation(g);
  Tensor next_h = gate(o + of_output_gate_ * next_c) * options_.activation(next_c);
  return {next_h, Nest::tuple({next_h, next_c})};
}

}  // namespace unroll::keras
