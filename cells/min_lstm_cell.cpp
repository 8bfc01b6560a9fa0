#include "unroll/cells/min_lstm_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

MinLSTMCell::MinLSTMCell(Index num_units, MinLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("MinLSTMCell", "num_units", num_units)),
      options_(std::move(options)) {}

Config MinLSTMCell::config() const { return {{"num_units", num_units_}}; }

void MinLSTMCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  const Initializer& bias = options_.bias_initializer;
  kernel_ = add_variable("kernel", {depth_, 3 * num_units_}, options_.kernel_initializer);
  bias_ = add_variable("bias", {3 * num_units_}, bias ? bias : zeros_initializer());
}

StepResult MinLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  auto [f, i, c] = split<3>(bias_add(matmul(x, kernel_), bias_), 1);
  // f / (f + i) for sigmoids of f and i, whatever their size
  Tensor keep = sigmoid(softplus(-i) - softplus(-f));
  Tensor next = keep * h + (1.0 - keep) * c;
  return {next, next};
}

}  // namespace unroll
