#pragma once
#include <functional>

#include "unroll/cells/cell_wrapper.hpp"

namespace unroll {

/// What is made of a cell's inputs and outputs. A function of two tensors does, too.
using ResidualFunction = std::function<Nest(const Nest& inputs, const Nest& outputs)>;

struct ResidualWrapperOptions {
  ResidualFunction residual_fn = {};  // inputs + outputs
};

/// A cell with a way around it (tf.nn.rnn_cell.ResidualWrapper; Wu et al. 2016, arXiv:1609.08144):
///
///     output = inputs + cell's output, leaf by leaf, or residual_fn(inputs, cell's output)
///
/// The state is the cell's. Throws TypeError if the cell is null. Without residual_fn a call throws ValueError, or
/// TypeError for containers of different kinds, unless inputs and outputs have one structure and equal shapes: nothing
/// is broadcast.
class ResidualWrapper : public CellWrapper {
 public:
  explicit ResidualWrapper(std::shared_ptr<RNNCell> cell, ResidualWrapperOptions options = {});
  template <std::derived_from<RNNCell> Cell>
  explicit ResidualWrapper(Cell cell, ResidualWrapperOptions options = {})
      : ResidualWrapper(shared_cell(std::move(cell)), std::move(options)) {}

  std::string class_name() const override { return "ResidualWrapper"; }
  Config config() const override { return {{"residual_fn", residual_fn_ ? "custom" : "add"}}; }

 private:
  StepResult call(const Nest& inputs, const Nest& state) override;

  ResidualFunction residual_fn_;
};

}  // namespace unroll
