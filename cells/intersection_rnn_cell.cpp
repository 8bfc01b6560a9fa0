#include "unroll/cells/intersection_rnn_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {
namespace {
constexpr std::string_view who = "IntersectionRNNCell";
}

IntersectionRNNCell::IntersectionRNNCell(Index num_units, IntersectionRNNCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units(who, "num_units", num_units)),
      options_(std::move(options)) {
  options_.y_activation = options_.y_activation.value_or("relu");
}

Config IntersectionRNNCell::config() const {
  return {{"num_units", num_units_},
          {"num_in_proj", or_null(options_.num_in_proj)},
          {"forget_bias", options_.forget_bias},
          {"y_activation", options_.y_activation.name()}};
}

void IntersectionRNNCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  if (depth_ != num_units_) {
    if (options_.num_in_proj != num_units_)
      raise<ValueError>(who, "the depth of the inputs is ", depth_, ", expected num_units = ", num_units_,
                        ", or num_in_proj = ", num_units_);
    in_kernel_ = add_variable("in_projection/kernel", {depth_, num_units_}, options_.initializer);
    in_bias_ = add_variable("in_projection/bias", {num_units_}, zeros_initializer());
  }
  kernel_ = add_variable("kernel", {2 * num_units_, 4 * num_units_}, options_.initializer);
  bias_ = add_variable("bias", {4 * num_units_}, zeros_initializer());
}

StepResult IntersectionRNNCell::call(const Nest& inputs, const Nest& state) {
  Tensor x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& s = matrix_state(*this, state, x.shape(0), num_units_, dtype());
  if (in_kernel_.defined()) x = bias_add(matmul(x, in_kernel_), in_bias_);
  auto [gh, h, gy, y] = split<4>(bias_add(matmul(concat(x, s, 1), kernel_), bias_), 1);
  gh = sigmoid(gh + options_.forget_bias);
  gy = sigmoid(gy + options_.forget_bias);
  return {gy * x + (1.0 - gy) * options_.y_activation(y), gh * s + (1.0 - gh) * tanh(h)};
}

}  // namespace unroll
