#pragma once
// ProximalGradientDescent: gradient descent that sets small weights to 0.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct ProximalGradientDescentOptions {
  /// Has to be given.
  LearningRate learning_rate = {};
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  std::string name = "ProximalGradientDescent";
};

/// TensorFlow's ProximalGradientDescentOptimizer (Duchi and Singer 2009, FOBOS):
///
///     y = x - learning_rate * g
///     x = sign(y) * max(|y| - learning_rate * l1, 0) / (1 + learning_rate * l2)
///
/// No slots.
class ProximalGradientDescent final : public Optimizer {
 public:
  /// Throws ValueError unless all numbers are finite and not negative.
  explicit ProximalGradientDescent(ProximalGradientDescentOptions options);

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double l1_, l2_;
};

}  // namespace unroll
