#include "unroll/cells/keras/lstm_cell.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/core/creation.hpp"

namespace unroll::keras {

LSTMCell::LSTMCell(Index units, CellOptions options) : LSTMCell("keras.LSTMCell", units, std::move(options)) {}

void LSTMCell::create(const SpecNest& inputs) {
  create_kernels(inputs, 4);
  if (!options_.use_bias) return;
  Initializer bias = options_.bias_initializer;
  if (options_.unit_forget_bias)
    bias = [units = units_, bias](const Shape&, DType dtype) {
      return concat({bias({units}, dtype), ones({units}, dtype), bias({2 * units}, dtype)}, 0);
    };
  bias_ = add_variable("bias", {4 * units_}, bias);
}

std::pair<Tensor, Tensor> LSTMCell::parts(const Nest& state, Index batch) const {
  if (state.is_leaf() || state.size() != 2)
    raise<ValueError>(class_name(), "the state has the structure ", state.structure(), ", expected (h, c)");
  return {matrix_state(*this, state[0], batch, units_, dtype()), matrix_state(*this, state[1], batch, units_, dtype())};
}

StepResult LSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [h, c] = parts(state, x.shape(0));
  Tensor gates = input_product(x) + recurrent_product(h);
  if (options_.use_bias) gates = bias_add(gates, bias_);
  auto [i, f, g, o] = split<4>(gates, 1);
  const ActivationArgument& gate = options_.recurrent_activation;
  Tensor next_c = gate(f) * c + gate(i) * options_.activation(g);
  Tensor next_h = gate(o) * options_.activation(next_c);
  return {next_h, Nest::tuple({next_h, next_c})};
}

}  // namespace unroll::keras
