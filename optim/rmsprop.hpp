#pragma once
// RMSProp: gradients divided by a running average of their size.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct RMSPropOptions {
  /// Has to be given.
  LearningRate learning_rate = {};
  double decay = 0.9;
  double momentum = 0;
  double epsilon = 1e-10;
  bool centered = false;
  /// Whether `epsilon` is added below the root, as in TensorFlow, or to it, as in PyTorch.
  bool epsilon_in_root = true;
  /// Where "rms" starts: 1 in TensorFlow 1, 0 in Keras and PyTorch.
  double initial_rms = 1;
  std::string name = "RMSProp";
};

/// TensorFlow's RMSPropOptimizer (Tieleman and Hinton 2012, lecture 6.5):
///
///     rms += (1 - decay) * (g^2 - rms)
///     a = momentum * a + learning_rate * g / sqrt(rms + epsilon)
///     x -= a
///
/// With `centered` (Graves 2013) also mg += (1 - decay) * (g - mg), and the root is that of rms - mg^2 + epsilon, an
/// estimate of the variance. Slots "rms", "mg" if centered, "momentum" (a), called "kernel/RMSProp",
/// "kernel/RMSProp_1", ... Note that rms starts at `initial_rms`, which is 1, the others at 0.
class RMSProp final : public Optimizer {
 public:
  /// Throws ValueError unless 0 <= decay <= 1 and the other numbers are finite and not negative.
  explicit RMSProp(RMSPropOptions options);

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double decay_, momentum_, epsilon_;
  bool centered_, epsilon_in_root_;
};

}  // namespace unroll
