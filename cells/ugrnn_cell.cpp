#include "unroll/cells/ugrnn_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

UGRNNCell::UGRNNCell(Index num_units, UGRNNCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("UGRNNCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

Config UGRNNCell::config() const {
  return {{"num_units", num_units_}, {"forget_bias", options_.forget_bias}, {"activation", options_.activation.name()}};
}

void UGRNNCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_ = add_variable("kernel", {depth_ + num_units_, 2 * num_units_}, options_.initializer);
  bias_ = add_variable("bias", {2 * num_units_}, zeros_initializer());
}

StepResult UGRNNCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  auto [g, c] = split<2>(bias_add(matmul(concat(x, h, 1), kernel_), bias_), 1);
  g = sigmoid(g + options_.forget_bias);
  Tensor next = g * h + (1.0 - g) * options_.activation(c);
  return {next, next};
}

}  // namespace unroll
