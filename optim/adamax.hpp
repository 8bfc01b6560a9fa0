#pragma once
// Adamax: Adam with the largest gradient in the place of the mean square.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct AdamaxOptions {
  LearningRate learning_rate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  /// Whether `epsilon` is added to |g|, as in PyTorch, or to u, as in Keras.
  bool epsilon_in_maximum = false;
  std::string name = "Adamax";
};

/// Kingma and Ba 2015, section 7.1, as Keras has it: in step t = 1, 2, ...
///
///     m += (1 - beta1) * (g - m)
///     u = max(beta2 * u, |g|)
///     x -= learning_rate / (1 - beta1^t) * m / (u + epsilon)
///
/// Slots "m" and "v" (u), called "kernel/Adamax" and "kernel/Adamax_1"; they start at 0. t is iterations() + 1.
class Adamax final : public Optimizer {
 public:
  /// Throws ValueError unless both betas are in [0, 1) when rounded to float32, and the other numbers are finite and
  /// not negative.
  explicit Adamax(AdamaxOptions options = {});

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double beta1_, beta2_, epsilon_;
  bool epsilon_in_maximum_;
};

}  // namespace unroll
