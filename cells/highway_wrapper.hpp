#pragma once
#include "unroll/cells/cell_wrapper.hpp"

namespace unroll {

struct HighwayWrapperOptions {
  bool couple_carry_transform_gates = true;  // transform = 1 - carry
  double carry_bias_init = 1.0;              // what carry_b begins with; transform_b begins with its negative
};

/// A cell with a gated way around it (tf.contrib.rnn.HighwayWrapper; Zilly et al. 2016, arXiv:1607.03474):
///
///     carry  = sigmoid(x carry_w + carry_b),  transform = 1 - carry, or sigmoid(x transform_w + transform_b)
///     output = x * carry + the cell's output * transform
///
/// The state is the cell's. Inputs and outputs are one tensor each. Variables: those of the cell, then carry_w (depth,
/// depth), carry_b, and without coupling transform_w, transform_b, in the scope around. Throws TypeError if the cell is
/// null; a call throws ValueError unless inputs and outputs have one shape.
class HighwayWrapper : public CellWrapper {
 public:
  explicit HighwayWrapper(std::shared_ptr<RNNCell> cell, HighwayWrapperOptions options = {});
  template <std::derived_from<RNNCell> Cell>
  explicit HighwayWrapper(Cell cell, HighwayWrapperOptions options = {})
      : HighwayWrapper(shared_cell(std::move(cell)), options) {}

  std::string class_name() const override { return "HighwayWrapper"; }
  Config config() const override;
  std::vector<Module*> submodules() override { return {wrapped_cell().get(), &gates_}; }

 private:
  // Behind the cell, so that its variables come after the cell's.
  class Gates : public Module {
   public:
    explicit Gates(HighwayWrapperOptions options) : options_(options) {}
    std::string class_name() const override { return "HighwayGates"; }
    Tensor operator()(const Tensor& x, const Tensor& y);

   private:
    void create(const SpecNest& inputs) override;
    std::string default_name() const override { return {}; }

    HighwayWrapperOptions options_;
    Variable carry_w_, carry_b_, transform_w_, transform_b_;
  };

  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  HighwayWrapperOptions options_;
  Gates gates_;
};

}  // namespace unroll
