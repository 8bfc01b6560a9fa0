#pragma once
// Adadelta: steps in the units of the variable, from running averages of gradients and steps.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct AdadeltaOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.95;
  double epsilon = 1e-8;
  std::string name = "Adadelta";
};

/// TensorFlow's AdadeltaOptimizer (Zeiler 2012, whose learning rate is 1):
///
///     a = rho * a + (1 - rho) * g^2
///     step = g * sqrt(d + epsilon) / sqrt(a + epsilon)
///     d = rho * d + (1 - rho) * step^2
///     x -= learning_rate * step
///
/// Slots "accum" (a) and "accum_update" (d), called "kernel/Adadelta" and "kernel/Adadelta_1"; they start at 0.
class Adadelta final : public Optimizer {
 public:
  /// Throws ValueError unless 0 <= rho < 1, and the other numbers are finite and not negative.
  explicit Adadelta(AdadeltaOptions options = {});

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double rho_, epsilon_;
};

}  // namespace unroll
