#include "unroll/cells/basic_rnn_cell.hpp"

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

BasicRNNCell::BasicRNNCell(Index num_units, BasicRNNCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("BasicRNNCell", "num_units", num_units)),
      activation_(options.activation.value_or("tanh")) {}

Config BasicRNNCell::config() const { return {{"num_units", num_units_}, {"activation", activation_.name()}}; }

void BasicRNNCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_ = add_variable("kernel", {depth_ + num_units_, num_units_});
  bias_ = add_variable("bias", {num_units_}, zeros_initializer());
}

StepResult BasicRNNCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  Tensor next = activation_(bias_add(matmul(concat(x, h, 1), kernel_), bias_));
  return {next, next};
}

}  // namespace unroll
