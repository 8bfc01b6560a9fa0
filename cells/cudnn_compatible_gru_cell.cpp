#include "unroll/cells/cudnn_compatible_gru_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

CudnnCompatibleGRUCell::CudnnCompatibleGRUCell(Index num_units, GRUCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("CudnnCompatibleGRUCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

Config CudnnCompatibleGRUCell::config() const {
  return {{"num_units", num_units_}, {"activation", options_.activation.name()}};
}

void CudnnCompatibleGRUCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  const Initializer& kernel = options_.kernel_initializer;
  auto bias = [&](Initializer standard) { return options_.bias_initializer ? options_.bias_initializer : standard; };
  gates_kernel_ = add_variable("gates/kernel", {depth_ + num_units_, 2 * num_units_}, kernel);
  gates_bias_ = add_variable("gates/bias", {2 * num_units_}, bias(ones_initializer()));
  input_kernel_ = add_variable("candidate/input_projection/kernel", {depth_, num_units_}, kernel);
  hidden_kernel_ = add_variable("candidate/hidden_projection/kernel", {num_units_, num_units_}, kernel);
  input_bias_ = add_variable("candidate/input_projection/bias", {num_units_}, bias(zeros_initializer()));
  hidden_bias_ = add_variable("candidate/hidden_projection/bias", {num_units_}, bias(zeros_initializer()));
}

StepResult CudnnCompatibleGRUCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  auto [r, u] = split<2>(sigmoid(bias_add(matmul(concat(x, h, 1), gates_kernel_), gates_bias_)), 1);
  Tensor hidden = bias_add(matmul(h, hidden_kernel_), hidden_bias_);
  Tensor c = options_.activation(bias_add(matmul(x, input_kernel_), input_bias_) + r * hidden);
  Tensor next = u * h + (1.0 - u) * c;
  return {next, next};
}

}  // namespace unroll
