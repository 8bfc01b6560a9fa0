#include "unroll/cells/sru_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

SRUCell::SRUCell(Index num_units, SRUCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("SRUCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

Config SRUCell::config() const { return {{"num_units", num_units_}, {"activation", options_.activation.name()}}; }

void SRUCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_ = add_variable("kernel", {depth_, 4 * num_units_});
  bias_ = add_variable("bias", {2 * num_units_}, zeros_initializer());
}

StepResult SRUCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& c = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  auto [z, f, r, y] = split<4>(matmul(x, kernel_), 1);
  auto [forget, reset] = split<2>(sigmoid(bias_add(concat(f, r, 1), bias_)), 1);
  Tensor next = forget * c + (1.0 - forget) * z;
  return {reset * options_.activation(next) + (1.0 - reset) * y, next};
}

}  // namespace unroll
