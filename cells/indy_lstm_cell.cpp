#include "unroll/cells/indy_lstm_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {

IndyLSTMCell::IndyLSTMCell(Index num_units, IndyLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("IndyLSTMCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

SizeNest IndyLSTMCell::state_size() const { return lstm_state_size(num_units_, num_units_, true); }

Config IndyLSTMCell::config() const {
  return {{"num_units", num_units_}, {"forget_bias", options_.forget_bias}, {"activation", options_.activation.name()}};
}

void IndyLSTMCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_w_ = add_variable("kernel_w", {depth_, 4 * num_units_}, options_.kernel_initializer);
  kernel_u_ = add_variable("kernel_u", {1, 4 * num_units_}, random_uniform_initializer({.minval = -1, .maxval = 1}));
  const Initializer& bias = options_.bias_initializer;
  bias_ = add_variable("bias", {4 * num_units_}, bias ? bias : zeros_initializer());
}

StepResult IndyLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, num_units_, true, dtype());
  Tensor gates = matmul(x, kernel_w_) + concat({h, h, h, h}, 1) * kernel_u_.value();
  auto [i, j, f, o] = split<4>(bias_add(gates, bias_), 1);
  Tensor next_c = sigmoid(f + options_.forget_bias) * c + sigmoid(i) * options_.activation(j);
  Tensor next_h = sigmoid(o) * options_.activation(next_c);
  return {next_h, LSTMStateTuple(next_c, next_h)};
}

}  // namespace unroll
