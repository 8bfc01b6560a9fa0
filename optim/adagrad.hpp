#pragma once
// Adagrad: gradients divided by the root of the sum of their squares.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct AdagradOptions {
  /// Has to be given.
  LearningRate learning_rate = {};
  double initial_accumulator_value = 0.1;
  double epsilon = 0;
  /// Whether `epsilon` is added below the root, as in Keras, or to it, as in PyTorch. TensorFlow 1 has none.
  bool epsilon_in_root = true;
  std::string name = "Adagrad";
};

/// TensorFlow's AdagradOptimizer (Duchi, Hazan and Singer 2011):
///
///     a += g^2
///     x -= learning_rate * g / sqrt(a + epsilon)
///
/// Slot "accumulator" (a), called "kernel/Adagrad"; it starts at `initial_accumulator_value`.
class Adagrad final : public Optimizer {
 public:
  /// Throws ValueError unless all numbers are finite and not negative, and something greater than 0 is added to g^2.
  explicit Adagrad(AdagradOptions options);

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double epsilon_;
  bool epsilon_in_root_;
};

}  // namespace unroll
