#include "unroll/cells/ind_rnn_cell.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

IndRNNCell::IndRNNCell(Index num_units, IndRNNCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("IndRNNCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

Config IndRNNCell::config() const { return {{"num_units", num_units_}, {"activation", options_.activation.name()}}; }

void IndRNNCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_w_ = add_variable("kernel_w", {depth_, num_units_});
  kernel_u_ = add_variable("kernel_u", {1, num_units_}, random_uniform_initializer({.minval = -1, .maxval = 1}));
  bias_ = add_variable("bias", {num_units_}, zeros_initializer());
}

StepResult IndRNNCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  Tensor next = options_.activation(bias_add(matmul(x, kernel_w_) + h * kernel_u_.value(), bias_));
  return {next, next};
}

}  // namespace unroll
