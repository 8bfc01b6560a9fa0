#include "unroll/cells/keras/simple_rnn_cell.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll::keras {

SimpleRNNCell::SimpleRNNCell(Index units, CellOptions options)
    : Cell("keras.SimpleRNNCell", units, std::move(options)) {}

void SimpleRNNCell::create(const SpecNest& inputs) {
  create_kernels(inputs, 1);
  if (options_.use_bias) bias_ = add_variable("bias", {units_}, options_.bias_initializer);
}

StepResult SimpleRNNCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), units_, dtype());
  Tensor sum = input_product(x) + recurrent_product(h);
  if (options_.use_bias) sum = bias_add(sum, bias_);
  Tensor next = options_.activation(sum);
  return {next, next};
}

}  // namespace unroll::keras
