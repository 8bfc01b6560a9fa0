#include "unroll/cells/gru_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

GRUCell::GRUCell(Index num_units, GRUCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("GRUCell", "num_units", num_units)),
      activation_(options.activation.value_or("tanh")),
      kernel_initializer_(options.kernel_initializer),
      bias_initializer_(options.bias_initializer) {}

Config GRUCell::config() const { return {{"num_units", num_units_}, {"activation", activation_.name()}}; }

void GRUCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  auto bias = [&](Initializer standard) { return bias_initializer_ ? bias_initializer_ : standard; };
  Index rows = depth_ + num_units_;
  gates_kernel_ = add_variable("gates/kernel", {rows, 2 * num_units_}, kernel_initializer_);
  gates_bias_ = add_variable("gates/bias", {2 * num_units_}, bias(ones_initializer()));
  candidate_kernel_ = add_variable("candidate/kernel", {rows, num_units_}, kernel_initializer_);
  candidate_bias_ = add_variable("candidate/bias", {num_units_}, bias(zeros_initializer()));
}

StepResult GRUCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  auto [r, u] = split<2>(sigmoid(bias_add(matmul(concat(x, h, 1), gates_kernel_), gates_bias_)), 1);
  Tensor c = activation_(bias_add(matmul(concat(x, r * h, 1), candidate_kernel_), candidate_bias_));
  Tensor next = u * h + (1.0 - u) * c;
  return {next, next};
}

}  // namespace unroll
