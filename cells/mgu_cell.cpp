#include "unroll/cells/mgu_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

MGUCell::MGUCell(Index num_units, MGUCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("MGUCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

Config MGUCell::config() const { return {{"num_units", num_units_}, {"activation", options_.activation.name()}}; }

void MGUCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  auto bias = [&](Initializer standard) { return options_.bias_initializer ? options_.bias_initializer : standard; };
  Index rows = depth_ + num_units_;
  gate_kernel_ = add_variable("gate/kernel", {rows, num_units_}, options_.kernel_initializer);
  gate_bias_ = add_variable("gate/bias", {num_units_}, bias(ones_initializer()));
  candidate_kernel_ = add_variable("candidate/kernel", {rows, num_units_}, options_.kernel_initializer);
  candidate_bias_ = add_variable("candidate/bias", {num_units_}, bias(zeros_initializer()));
}

StepResult MGUCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  Tensor f = sigmoid(bias_add(matmul(concat(x, h, 1), gate_kernel_), gate_bias_));
  Tensor c = options_.activation(bias_add(matmul(concat(x, f * h, 1), candidate_kernel_), candidate_bias_));
  Tensor next = (1.0 - f) * h + f * c;
  return {next, next};
}

}  // namespace unroll
