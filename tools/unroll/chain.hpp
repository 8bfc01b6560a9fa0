#pragma once
// A model's layers as one cell.
#include <memory>
#include <vector>

#include "unroll/cells/rnn_cell.hpp"

namespace unroll::program {

/// Cells, stacks, Dense and PReLU layers, all of them built, one after another; the state is a tuple of those of the
/// cells.
class Chain : public RNNCell {
 public:
  /// There is at least one. Throws ValueError for a module that is none of these.
  explicit Chain(std::vector<std::shared_ptr<Module>> modules);

  std::string class_name() const override { return "Chain"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return outputs_; }
  std::vector<Module*> submodules() override;

 private:
  StepResult call(const Nest& inputs, const Nest& state) override;

  std::vector<std::shared_ptr<Module>> modules_;
  Index outputs_ = 0;
};

}  // namespace unroll::program
