#include "unroll/cells/dense.hpp"

#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

Dense::Dense(Index units, DenseOptions options)
    : Module(options.name, options.dtype),
      units_(checked_units("Dense", "units", units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("linear");
}

Config Dense::config() const {
  return {{"units", units_}, {"activation", options_.activation.name()}, {"use_bias", options_.use_bias}};
}

void Dense::create(const SpecNest& inputs) {
  const TensorSpec& spec = inputs.leaf();
  if (!is_floating(spec.dtype))
    raise<ValueError>("Dense", "only floating-point inputs are supported, got ", spec.dtype);
  if (spec.shape.rank() == 0) raise<ValueError>("Dense", "the input has rank 0, expected (..., depth)");
  depth_ = spec.shape[-1];
  kernel_ = add_variable("kernel", {depth_, units_}, options_.kernel_initializer);
  if (options_.use_bias)
    bias_ = add_variable("bias", {units_}, options_.bias_initializer ? options_.bias_initializer : zeros_initializer());
}

Tensor Dense::operator()(const Tensor& x) {
  build(x.spec());
  if (x.rank() == 0 || x.shape(-1) != depth_)
    raise<ValueError>("Dense", "the input has shape ", x.shape(), ", expected (..., ", depth_, ")");
  if (x.dtype() != dtype()) raise<TypeError>("Dense", "the input is ", x.dtype(), ", the variables ", dtype());
  Index rows = depth_ ? x.size() / depth_ : x.shape().slice(0, x.rank() - 1).size();
  Tensor y = matmul(x.rank() == 2 ? x : reshape(x, {rows, depth_}), kernel_);
  if (options_.use_bias) y = bias_add(y, bias_);
  y = options_.activation(y);
  return x.rank() == 2 ? y : reshape(y, x.shape().with(-1, units_));
}

}  // namespace unroll
