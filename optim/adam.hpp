#pragma once
// Adam: adaptive moment estimation.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  /// Divides by the root of the largest v so far (Reddi, Kale and Kumar 2018), which is one more slot, "vhat".
  bool amsgrad = false;
  /// Whether `epsilon` is added to sqrt(v), as in TensorFlow and Keras, or to sqrt(v / (1 - beta2^t)), as in the
  /// paper's algorithm 1 and PyTorch.
  bool epsilon_hat = true;
  std::string name = "Adam";
};

/// TensorFlow's AdamOptimizer (Kingma and Ba 2015, in the form given just before their section 2.1, so `epsilon` is
/// their "epsilon hat"): in step t = 1, 2, ...
///
///     alpha = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t)
///     m += (1 - beta1) * (g - m)
///     v += (1 - beta2) * (g^2 - v)
///     x -= alpha * m / (sqrt(v) + epsilon)
///
/// Slots "m" and "v", called "kernel/Adam" and "kernel/Adam_1"; they start at 0. t counts the steps of the optimiser,
/// not of a variable. The powers of beta1 and beta2 are the variables "beta1_power" and "beta2_power", in the widest
/// dtype of the variables of the first step.
class Adam : public Optimizer {
 public:
  /// Throws ValueError unless both betas are in [0, 1) when rounded to float32, and the other numbers are finite and
  /// not negative.
  explicit Adam(AdamOptions options = {});

 private:
  void create_state(DType dtype) override;
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;
  void finish_step() override;

  double beta1_, beta2_, epsilon_;
  bool amsgrad_, epsilon_hat_;
  Variable beta1_power_, beta2_power_;
};

}  // namespace unroll
