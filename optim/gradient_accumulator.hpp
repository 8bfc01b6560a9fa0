#pragma once
// GradientAccumulator: one step for several batches.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

/// Sums gradients of several batches, so that a step can be that of a batch which does not fit into memory:
///
///     GradientAccumulator accumulator(4);
///     for (auto& batch : batches) {
///       GradientTape tape;
///       Tensor loss = ...;
///       if (accumulator.add(adam.compute_gradients(tape, loss))) adam.apply_gradients(accumulator.take());
///     }
class GradientAccumulator {
 public:
  /// Throws ValueError unless there is at least one batch to a step.
  explicit GradientAccumulator(int batches);

  /// Adds the gradients of a batch; whether there are enough for a step now. A missing gradient counts as 0 beside ones
  /// that are not missing. Throws ValueError, and changes nothing, unless the list has the variables of the call
  /// before, or if a gradient's shape or dtype (TypeError) is not its variable's.
  bool add(const GradientsAndVariables& gradients_and_variables);
  /// How many batches have been added since the last take().
  int count() const { return count_; }
  /// The sums divided by the number of batches. What follows is a new sum. Throws RuntimeError if nothing was added.
  GradientsAndVariables take();

 private:
  int batches_, count_ = 0;
  GradientsAndVariables sums_;
};

}  // namespace unroll
