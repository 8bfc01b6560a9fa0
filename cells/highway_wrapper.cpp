#include "unroll/cells/highway_wrapper.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {
namespace {
constexpr std::string_view who = "HighwayWrapper";
}

HighwayWrapper::HighwayWrapper(std::shared_ptr<RNNCell> cell, HighwayWrapperOptions options)
    : CellWrapper(who, std::move(cell)), options_(options), gates_(options) {}

Config HighwayWrapper::config() const {
  return {{"couple_carry_transform_gates", options_.couple_carry_transform_gates}};
}

void HighwayWrapper::create(const SpecNest& inputs) {
  input_depth(*this, inputs);
  CellWrapper::create(inputs);
  gates_.build(inputs);
}

StepResult HighwayWrapper::call(const Nest& inputs, const Nest& state) {
  StepResult step = (*wrapped_cell())(inputs, state);
  const Tensor &x = inputs, &y = step.output;
  if (x.shape() != y.shape())
    raise<ValueError>(who, "inputs has shape ", x.shape(), ", the cell's output ", y.shape(),
                      "; expected equal shapes");
  step.output = gates_(x, y);
  return step;
}

void HighwayWrapper::Gates::create(const SpecNest& inputs) {
  Index depth = inputs.leaf().shape[1];
  carry_w_ = add_variable("carry_w", {depth, depth});
  carry_b_ = add_variable("carry_b", {depth}, constant_initializer(options_.carry_bias_init));
  if (options_.couple_carry_transform_gates) return;
  transform_w_ = add_variable("transform_w", {depth, depth});
  transform_b_ = add_variable("transform_b", {depth}, constant_initializer(-options_.carry_bias_init));
}

Tensor HighwayWrapper::Gates::operator()(const Tensor& x, const Tensor& y) {
  Tensor carry = sigmoid(bias_add(matmul(x, carry_w_), carry_b_));
  Tensor transform =
      options_.couple_carry_transform_gates ? 1.0 - carry : sigmoid(bias_add(matmul(x, transform_w_), transform_b_));
  return x * carry + y * transform;
}

}  // namespace unroll
