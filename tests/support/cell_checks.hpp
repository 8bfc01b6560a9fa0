#pragma once
// What holds for every cell whose inputs and outputs are tensors.
#include <doctest/doctest.h>

#include "cells.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/core/creation.hpp"

namespace testing {

/// Builds the cell for inputs of this shape (with the batch) and gives its variables random values. Then: outputs and
/// states have the structures, shapes and dtypes that it declares; its gradients with respect to input, state and
/// variables agree with differences; a row's result does not depend on the others.
inline void check_cell(unroll::RNNCell& cell, const unroll::Shape& input_shape) {
  using namespace unroll;
  Index batch = input_shape[0];
  Tensor x = random_tensor(input_shape, 1);
  Nest state = random_state(cell, batch);
  cell(x, state);
  randomize(cell);
  StepResult step = cell(x, state);
  CHECK(step.output.leaf().spec() == TensorSpec{cell.output_size().leaf().insert(0, batch), float64});
  step.state.assert_same_structure(cell.class_name(), "new state", cell.state_size());
  std::vector<Tensor> before = state.flatten(), after = step.state.flatten();
  for (std::size_t k = 0; k < before.size(); ++k) CHECK(after[k].spec() == before[k].spec());

  auto all = [](const StepResult& r) { return Nest::tuple({r.output, r.state}); };
  std::vector<Tensor> sources = before;
  sources.push_back(x);
  auto of_inputs = check_gradients(
      [&](const std::vector<Tensor>& in) {
        return all(cell(in.back(), state.pack(std::vector<Tensor>(in.begin(), in.end() - 1))));
      },
      sources);
  CHECK_MESSAGE(of_inputs, of_inputs.to_string());
  auto of_variables = check_gradients([&] { return all(cell(x, state)); }, cell.variables());
  CHECK_MESSAGE(of_variables, of_variables.to_string());
  CHECK(of_variables.checked == static_cast<std::size_t>(cell.parameter_count()));

  for (Index row = 0; row < batch; ++row) {
    auto part = [&](const Tensor& t) { return t.rows_view(row, row + 1); };
    StepResult alone = cell(part(x), state.map(part));
    CHECK(allclose(alone.output.leaf(), part(step.output.leaf()), 1e-13, 1e-14));
  }
}

/// Gives all variables one value.
inline void fill(const unroll::Module& module, double value) {
  for (const unroll::Variable& v : module.variables()) v.assign(unroll::full(v.shape(), value, v.dtype()));
}

/// Names and shapes of the variables, in order: "lstm_cell/kernel(6, 8)".
inline std::vector<std::string> variable_names(const unroll::Module& module) {
  std::vector<std::string> all;
  for (const unroll::Variable& v : module.variables()) all.push_back(v.name() + unroll::to_string(v.shape()));
  return all;
}
using Names = std::vector<std::string>;

}  // namespace testing
