#pragma once
// GradientDescent: steps against the gradient.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct GradientDescentOptions {
  /// Has to be given.
  LearningRate learning_rate = {};
  std::string name = "GradientDescent";
};

/// x -= learning_rate * g (TensorFlow's GradientDescentOptimizer). No slots.
class GradientDescent final : public Optimizer {
 public:
  /// Throws ValueError unless the learning rate is finite and not negative.
  explicit GradientDescent(GradientDescentOptions options);

 private:
  void update(const Tensor& gradient, const Variable& variable, Slots slots) override;
};

}  // namespace unroll
