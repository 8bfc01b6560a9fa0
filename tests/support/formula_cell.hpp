#pragma once
// A cell from a formula, for tests.
#include <functional>

#include "unroll/cells/rnn_cell.hpp"

namespace testing {

/// A cell whose `call` is `formula(inputs, state, parameters)`. In the shapes of the parameters, 0 stands for the depth
/// of the first input.
class FormulaCell : public unroll::RNNCell {
 public:
  using Formula = std::function<unroll::StepResult(const unroll::Nest& inputs, const unroll::Nest& state,
                                                   const std::vector<unroll::Variable>& parameters)>;

  FormulaCell(unroll::SizeNest state_size, unroll::SizeNest output_size, std::vector<unroll::Shape> parameters,
              Formula formula)
      : state_size_(std::move(state_size)),
        output_size_(std::move(output_size)),
        shapes_(std::move(parameters)),
        formula_(std::move(formula)) {}
  std::string class_name() const override { return "FormulaCell"; }
  unroll::SizeNest state_size() const override { return state_size_; }
  unroll::SizeNest output_size() const override { return output_size_; }

 private:
  void create(const unroll::SpecNest& inputs) override {
    unroll::Index depth = inputs.flatten()[0].shape[1];
    for (unroll::Shape shape : shapes_) {
      for (int axis = 0; axis < shape.rank(); ++axis)
        if (shape[axis] == 0) shape = shape.with(axis, depth);
      parameters_.push_back(add_variable("p" + std::to_string(parameters_.size()), shape));
    }
  }
  unroll::StepResult call(const unroll::Nest& inputs, const unroll::Nest& state) override {
    return formula_(inputs, state, parameters_);
  }

  unroll::SizeNest state_size_, output_size_;
  std::vector<unroll::Shape> shapes_;
  Formula formula_;
  std::vector<unroll::Variable> parameters_;
};

}  // namespace testing
