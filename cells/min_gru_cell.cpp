#include "unroll/cells/min_gru_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

MinGRUCell::MinGRUCell(Index num_units, MinGRUCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("MinGRUCell", "num_units", num_units)),
      options_(std::move(options)) {}

Config MinGRUCell::config() const { return {{"num_units", num_units_}}; }

void MinGRUCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  const Initializer& bias = options_.bias_initializer;
  kernel_ = add_variable("kernel", {depth_, 2 * num_units_}, options_.kernel_initializer);
  bias_ = add_variable("bias", {2 * num_units_}, bias ? bias : zeros_initializer());
}

StepResult MinGRUCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  auto [z, c] = split<2>(bias_add(matmul(x, kernel_), bias_), 1);
  z = sigmoid(z);
  Tensor next = (1.0 - z) * h + z * c;
  return {next, next};
}

}  // namespace unroll
