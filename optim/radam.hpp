#pragma once
// RAdam: Adam that trusts its second moment as far as it can be known.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct RAdamOptions {
  LearningRate learning_rate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  std::string name = "RAdam";
};

/// Rectified Adam (Liu et al. 2020), as PyTorch has it: in step t = 1, 2, ...
///
///     m += (1 - beta1) * (g - m)
///     v += (1 - beta2) * (g^2 - v)
///     mhat = m / (1 - beta1^t)
///     r_inf = 2 / (1 - beta2) - 1
///     r = r_inf - 2 t beta2^t / (1 - beta2^t)
///     if r > 5:  x -= learning_rate * mhat * rect * sqrt(1 - beta2^t) / (sqrt(v) + epsilon)
///     else:      x -= learning_rate * mhat
///
/// where rect = sqrt((r - 4) (r - 2) r_inf / ((r_inf - 4) (r_inf - 2) r)). Slots "m" and "v", called "kernel/RAdam" and
/// "kernel/RAdam_1"; they start at 0. t is iterations() + 1.
class RAdam final : public Optimizer {
 public:
  /// Throws ValueError unless both betas are in [0, 1) when rounded to float32, and the other numbers are finite and
  /// not negative.
  explicit RAdam(RAdamOptions options = {});

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;

  double beta1_, beta2_, epsilon_;
};

}  // namespace unroll
