#pragma once
// ProximalAdagrad: Adagrad that sets small weights to 0.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct ProximalAdagradOptions {
  /// Has to be given.
  LearningRate learning_rate = {};
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  std::string name = "ProximalAdagrad";
};

/// TensorFlow's ProximalAdagradOptimizer (Duchi, Hazan and Singer 2011):
///
///     a += g^2
///     y = x - learning_rate / sqrt(a) * g
///     x = sign(y) * max(|y| - learning_rate / sqrt(a) * l1, 0) / (1 + learning_rate / sqrt(a) * l2)
///
/// Slot "accumulator" (a), called "kernel/ProximalAdagrad"; it starts at `initial_accumulator_value`.
class ProximalAdagrad final : public Optimizer {
 public:
  /// Throws ValueError unless `initial_accumulator_value` is greater than 0 and the other numbers are not negative, and
  /// all are finite.
  explicit ProximalAdagrad(ProximalAdagradOptions options);

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double l1_, l2_;
};

}  // namespace unroll
