#pragma once
// StochasticWeightAveraging: the plain mean of the weights at several times.
#include "unroll/optim/averages.hpp"

namespace unroll {

/// Izmailov et al. 2018: train as usual for a while, then go on with a high learning rate and take the mean of the
/// weights at the end of each epoch. The means often lie in a flatter place than any of the weights:
///
///     StochasticWeightAveraging swa;
///     for (int epoch = 0; epoch < 100; ++epoch) {
///       ...
///       if (epoch >= 75) swa.update(model.trainable_variables());
///     }
///     swa.swap(model.trainable_variables());
///
/// The mean of "kernel" is called "kernel/StochasticWeightAveraging".
class StochasticWeightAveraging final : public Averages {
 public:
  StochasticWeightAveraging();

  /// Takes the present values into the means. Always the same variables: throws ValueError for one that was not there
  /// the first time, TypeError for integer variables.
  void update(const std::vector<Variable>& variables);
  /// How many values are in the means; variables() lists it, too.
  std::int64_t count() const { return count_.value().item<std::int64_t>(); }

 private:
  std::vector<Variable> state() const override { return {count_}; }

  Variable count_;
};

}  // namespace unroll
