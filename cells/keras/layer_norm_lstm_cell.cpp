#include "unroll/cells/keras/layer_norm_lstm_cell.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/normalization.hpp"
#include "unroll/cells/check.hpp"

namespace unroll::keras {

LayerNormLSTMCell::LayerNormLSTMCell(Index units, LayerNormLSTMCellOptions options)
    : LSTMCell("keras.LayerNormLSTMCell", units, std::move(options.cell)), epsilon_(options.epsilon) {}

void LayerNormLSTMCell::create(const SpecNest& inputs) {
  LSTMCell::create(inputs);
  auto norm = [&](const std::string& of, Index width, Variable& gamma, Variable& beta) {
    gamma = add_variable(of + "/gamma", {width}, ones_initializer());
    beta = add_variable(of + "/beta", {width}, zeros_initializer());
  };
  norm("kernel_norm", 4 * units_, kernel_gamma_, kernel_beta_);
  norm("recurrent_norm", 4 * units_, recurrent_gamma_, recurrent_beta_);
  norm("state_norm", units_, state_gamma_, state_beta_);
}

StepResult LayerNormLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [h, c] = parts(state, x.shape(0));
  Tensor gates = layer_norm(input_product(x), kernel_gamma_, kernel_beta_, epsilon_) +
                 layer_norm(recurrent_product(h), recurrent_gamma_, recurrent_beta_, epsilon_);
  if (options_.use_bias) gates = bias_add(gates, bias_);
  auto [i, f, g, o] = split<4>(gates, 1);
  const ActivationArgument& gate = options_.recurrent_activation;
  Tensor next_c = gate(f) * c + gate(i) * options_.activation(g);
  next_c = layer_norm(next_c, state_gamma_, state_beta_, epsilon_);
  Tensor next_h = gate(o) * options_.activation(next_c);
  return {next_h, Nest::tuple({next_h, next_c})};
}

}  // namespace unroll::keras
