#pragma once
// Momentum: steps along a decaying sum of the gradients.
#include <limits>

#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct MomentumOptions {
  /// These two have to be given.
  LearningRate learning_rate = {};
  double momentum = std::numeric_limits<double>::quiet_NaN();
  bool use_nesterov = false;
  std::string name = "Momentum";
};

/// TensorFlow's MomentumOptimizer (Polyak 1964):
///
///     a = momentum * a + g
///     x -= learning_rate * a
///
/// With `use_nesterov` (Sutskever et al. 2013) the step is learning_rate * (g + momentum * a). Slot "momentum" (a),
/// called "kernel/Momentum"; it starts at 0.
class Momentum final : public Optimizer {
 public:
  /// Throws ValueError unless learning rate and momentum are finite and not negative.
  explicit Momentum(MomentumOptions options);

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double momentum_;
  bool use_nesterov_;
};

}  // namespace unroll
