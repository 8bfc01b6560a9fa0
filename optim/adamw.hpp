#pragma once
// AdamW: Adam with a decay of the weights that is apart from the gradient.
#include "unroll/optim/adam.hpp"

namespace unroll {

struct AdamWOptions {
  LearningRate learning_rate = 0.001;
  /// All variables; give a filter to spare biases: [](const std::string& name) { return !name.ends_with("bias"); }.
  WeightDecay weight_decay = {.rate = 0.01};
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool amsgrad = false;
  bool epsilon_hat = false;
  std::string name = "AdamW";
};

/// Loshchilov and Hutter 2019, algorithm 2, as PyTorch has it: x -= learning_rate * weight_decay * x, then Adam's step.
/// Keras's AdamW has epsilon_hat = true. Slots and variables are Adam's.
class AdamW final : public Adam {
 public:
  /// Throws as Adam does, and ValueError unless the rate of decay is finite and not negative.
  explicit AdamW(AdamWOptions options = {});
};

}  // namespace unroll
