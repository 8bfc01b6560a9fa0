#include "unroll/cells/keras/layer_norm_simple_rnn_cell.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/normalization.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/core/creation.hpp"

namespace unroll::keras {

LayerNormSimpleRNNCell::LayerNormSimpleRNNCell(Index units, LayerNormSimpleRNNCellOptions options)
    : Cell("keras.LayerNormSimpleRNNCell", units, std::move(options.cell)), epsilon_(options.layernorm_epsilon) {}

void LayerNormSimpleRNNCell::create(const SpecNest& inputs) {
  create_kernels(inputs, 1);
  if (options_.use_bias) bias_ = add_variable("bias", {units_}, options_.bias_initializer);
  gamma_ = add_variable("gamma", {units_}, ones_initializer());
}

StepResult LayerNormSimpleRNNCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), units_, dtype());
  Tensor sum = layer_norm(input_product(x) + recurrent_product(h), gamma_, zeros({units_}, dtype()), epsilon_);
  if (options_.use_bias) sum = bias_add(sum, bias_);
  Tensor next = options_.activation(sum);
  return {next, next};
}

}  // namespace unroll::keras
