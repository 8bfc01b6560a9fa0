#pragma once
// Lion: steps of one size along the sign of a momentum.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct LionOptions {
  LearningRate learning_rate = 0.0001;
  double beta1 = 0.9;
  double beta2 = 0.99;
  WeightDecay weight_decay = {};
  std::string name = "Lion";
};

/// Chen et al. 2023, "Symbolic discovery of optimization algorithms":
///
///     x -= learning_rate * sign(beta1 * m + (1 - beta1) * g)
///     m = beta2 * m + (1 - beta2) * g
///
/// Slot "momentum" (m), called "kernel/Lion"; it starts at 0. Where the sum is 0 or NaN, x stays.
class Lion final : public Optimizer {
 public:
  /// Throws ValueError unless both betas are in [0, 1) when rounded to float32, and the other numbers are finite and
  /// not negative.
  explicit Lion(LionOptions options = {});

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double beta1_, beta2_;
};

}  // namespace unroll
