#include "unroll/cells/prelu.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"

namespace unroll {

PReLU::PReLU(PReLUOptions options) : Module(options.name, options.dtype), options_(std::move(options)) {}

void PReLU::create(const SpecNest& inputs) {
  const TensorSpec& spec = inputs.leaf();
  if (!is_floating(spec.dtype))
    raise<ValueError>("PReLU", "only floating-point inputs are supported, got ", spec.dtype);
  if (spec.shape.rank() == 0) raise<ValueError>("PReLU", "the input has rank 0, expected (..., depth)");
  alpha_ = add_variable("alpha", {spec.shape[-1]},
                        options_.alpha_initializer ? options_.alpha_initializer : zeros_initializer());
}

Tensor PReLU::operator()(const Tensor& x) {
  build(x.spec());
  const Index depth = alpha_.shape()[0];
  if (x.rank() == 0 || x.shape(-1) != depth)
    raise<ValueError>("PReLU", "the input has shape ", x.shape(), ", expected (..., ", depth, ")");
  if (x.dtype() != dtype()) raise<TypeError>("PReLU", "the input is ", x.dtype(), ", the variable ", dtype());
  return relu(x) - alpha_ * relu(-x);
}

}  // namespace unroll
