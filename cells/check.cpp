#include "unroll/cells/check.hpp"

namespace unroll {

Index input_depth(const RNNCell& cell, const SpecNest& inputs) {
  if (!inputs.is_leaf())
    raise<ValueError>(cell.class_name(), "inputs are a structure ", inputs.structure(), ", expected one tensor");
  const TensorSpec& spec = inputs.leaf();
  if (!is_floating(spec.dtype))
    raise<ValueError>(cell.class_name(), "only floating-point inputs are supported, got ", spec.dtype);
  if (spec.shape.rank() != 2)
    raise<ValueError>(cell.class_name(), "inputs has shape ", spec.shape, ", expected rank 2: (batch, depth)");
  return spec.shape[1];
}

const Tensor& matrix_input(const RNNCell& cell, const Nest& inputs, Index depth, DType dtype) {
  if (inputs.is_leaf() && inputs.leaf()) {
    const Tensor& x = inputs.leaf();
    if (x.rank() == 2 && x.shape().begin()[1] == depth && x.dtype() == dtype) return x;
    input_depth(cell, x.spec());
    if (x.dtype() != dtype)
      raise<TypeError>(cell.class_name(), "inputs are ", x.dtype(), ", the variables of the cell ", dtype);
    raise<ValueError>(cell.class_name(), "inputs has shape ", x.shape(), ", expected (batch, ", depth, ")");
  }
  if (inputs.is_leaf()) raise<ValueError>(cell.class_name(), "inputs is None (a null Tensor)");
  raise<ValueError>(cell.class_name(), "inputs are a structure ", inputs.structure(), ", expected one tensor");
}

const Tensor& matrix_state(const RNNCell& cell, const Nest& state, Index batch, Index units, DType dtype) {
  if (!state.is_leaf())
    raise<TypeError>(cell.class_name(), "the state is a structure ", state.structure(), ", expected one tensor");
  const Tensor& s = state.leaf();
  if (!s) raise<ValueError>(cell.class_name(), "the state is None (a null Tensor)");
  if (s.rank() != 2 || s.shape().begin()[0] != batch || s.shape().begin()[1] != units)
    raise<ValueError>(cell.class_name(), "state has shape ", s.shape(), ", expected (", batch, ", ", units, ")");
  if (s.dtype() != dtype)
    raise<TypeError>(cell.class_name(), "the state is ", s.dtype(), ", the variables of the cell ", dtype);
  return s;
}

Index checked_units(std::string_view cell, std::string_view what, Index units) {
  if (units < 0) raise<ValueError>(cell, what, " is ", units, ", expected at least 0");
  return units;
}

Index checked_projection(std::string_view cell, Index num_units, std::optional<Index> num_proj) {
  if (num_proj && *num_proj <= 0) raise<ValueError>(cell, "num_proj is ", *num_proj, ", expected at least 1");
  return num_proj.value_or(num_units);
}

void checked_clip(std::string_view cell, std::string_view what, std::optional<double> clip) {
  if (clip && !(*clip >= 0)) raise<ValueError>(cell, what, " is ", *clip, ", expected at least 0");
}

}  // namespace unroll
