#include "unroll/cells/residual_wrapper.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "ResidualWrapper";

Nest sum(const Nest& inputs, const Nest& outputs) {
  if (inputs.is_leaf() != outputs.is_leaf())
    raise<ValueError>(who, "inputs have the structure ", inputs.structure(), ", the cell's outputs ",
                      outputs.structure(), "; expected one structure");
  inputs.assert_same_structure(who, "inputs", outputs);
  CachedVector<Tensor> added = outputs.leaves();
  std::size_t k = 0;
  return inputs.map([&](const Tensor& x) {
    const Tensor& y = added[k++];
    if (x.shape() != y.shape())
      raise<ValueError>(who, "inputs", inputs.paths()[k - 1], " has shape ", x.shape(), ", the cell's output ",
                        y.shape(), "; expected equal shapes");
    return x + y;
  });
}

}  // namespace

ResidualWrapper::ResidualWrapper(std::shared_ptr<RNNCell> cell, ResidualWrapperOptions options)
    : CellWrapper(who, std::move(cell)), residual_fn_(std::move(options.residual_fn)) {}

StepResult ResidualWrapper::call(const Nest& inputs, const Nest& state) {
  StepResult step = (*wrapped_cell())(inputs, state);
  step.output = residual_fn_ ? residual_fn_(inputs, step.output) : sum(inputs, step.output);
  return step;
}

}  // namespace unroll
