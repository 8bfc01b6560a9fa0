#include "unroll/cells/indy_gru_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

IndyGRUCell::IndyGRUCell(Index num_units, IndyGRUCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("IndyGRUCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

Config IndyGRUCell::config() const { return {{"num_units", num_units_}, {"activation", options_.activation.name()}}; }

void IndyGRUCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  auto bias = [&](Initializer standard) { return options_.bias_initializer ? options_.bias_initializer : standard; };
  Initializer own = random_uniform_initializer({.minval = -1, .maxval = 1});
  gates_w_ = add_variable("gates/kernel_w", {depth_, 2 * num_units_}, options_.kernel_initializer);
  gates_u_ = add_variable("gates/kernel_u", {1, 2 * num_units_}, own);
  gates_bias_ = add_variable("gates/bias", {2 * num_units_}, bias(ones_initializer()));
  candidate_w_ = add_variable("candidate/kernel", {depth_, num_units_}, options_.kernel_initializer);
  candidate_u_ = add_variable("candidate/kernel_u", {1, num_units_}, own);
  candidate_bias_ = add_variable("candidate/bias", {num_units_}, bias(zeros_initializer()));
}

StepResult IndyGRUCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  Tensor gates = matmul(x, gates_w_) + concat(h, h, 1) * gates_u_.value();
  auto [r, u] = split<2>(sigmoid(bias_add(gates, gates_bias_)), 1);
  Tensor c = options_.activation(bias_add(matmul(x, candidate_w_) + r * h * candidate_u_.value(), candidate_bias_));
  Tensor next = u * h + (1.0 - u) * c;
  return {next, next};
}

}  // namespace unroll
