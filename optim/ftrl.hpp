#pragma once
// Ftrl: follow the regularised leader.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct FtrlOptions {
  /// Has to be given.
  LearningRate learning_rate = {};
  double learning_rate_power = -0.5;
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  /// Towards 0 in proportion to x, where l2_regularization_strength counts once, at the end.
  double l2_shrinkage_regularization_strength = 0;
  std::string name = "Ftrl";
};

/// TensorFlow's FtrlOptimizer (McMahan et al. 2013), with p = learning_rate_power, and l1, l2 and shrinkage for the
/// three strengths:
///
///     s = g + 2 * shrinkage * x
///     n' = n + g^2
///     z += s - (n'^-p - n^-p) / learning_rate * x
///     q = n'^-p / learning_rate + 2 * l2
///     x = |z| > l1 ? (sign(z) * l1 - z) / q : 0
///
/// Slots "accum" (n), which starts at `initial_accumulator_value`, and "linear" (z), at 0, called "kernel/Ftrl" and
/// "kernel/Ftrl_1".
class Ftrl final : public Optimizer {
 public:
  /// Throws ValueError unless the power is at most 0, a learning rate that is a number greater than 0, and the other
  /// numbers are finite and not negative. A step throws it where a schedule is at 0.
  explicit Ftrl(FtrlOptions options);

 private:
  void check_rate() const;
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double power_, l1_, l2_, shrinkage_;
};

}  // namespace unroll
