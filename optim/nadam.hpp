#pragma once
// NAdam: Adam with Nesterov's momentum.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct NAdamOptions {
  LearningRate learning_rate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  /// How fast the momentum reaches beta1: 0.004 in the paper and PyTorch, 1 in Keras.
  double momentum_decay = 0.004;
  /// What the product of the momenta is kept in; PyTorch has float32.
  DType product_dtype = float64;
  std::string name = "NAdam";
};

/// Dozat 2016, with the schedule of the momentum that the paper's section 3 recommends: in step t = 1, 2, ...
///
///     mu_t = beta1 * (1 - 0.96^(t * momentum_decay) / 2)
///     p_t = mu_1 * mu_2 * ... * mu_t
///     m += (1 - beta1) * (g - m)
///     v += (1 - beta2) * (g^2 - v)
///     mhat = mu_{t+1} * m / (1 - p_{t+1}) + (1 - mu_t) * g / (1 - p_t)
///     x -= learning_rate * mhat / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// Slots "m" and "v", called "kernel/NAdam" and "kernel/NAdam_1"; they start at 0. The product p is the variable
/// "momentum_product". t is iterations() + 1.
class NAdam final : public Optimizer {
 public:
  /// Throws ValueError unless both betas are in [0, 1) when rounded to float32, and the other numbers are finite and
  /// not negative; TypeError unless the product is of a floating dtype.
  explicit NAdam(NAdamOptions options = {});

 private:
  double momentum(double t) const;
  double next_product() const;
  void create_state(DType dtype) override;
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;
  void finish_step() override;

  double beta1_, beta2_, epsilon_, momentum_decay_;
  DType product_dtype_;
  Variable product_;
};

}  // namespace unroll
