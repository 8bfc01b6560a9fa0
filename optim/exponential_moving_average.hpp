#pragma once
// ExponentialMovingAverage: averages that forget.
#include <map>
#include <optional>

#include "unroll/optim/averages.hpp"

namespace unroll {

struct ExponentialMovingAverageOptions {
  /// Whether averages of tensors, which start at 0, are divided by what they would be for a constant 1. Those of
  /// variables start at the variable's value and need no correction.
  bool zero_debias = false;
  std::string name = "ExponentialMovingAverage";
};

/// TensorFlow's tf.train.ExponentialMovingAverage (Polyak and Juditsky 1992):
///
///     average -= (1 - decay) * (average - value)
///
///     ExponentialMovingAverage ema(0.999);
///     ema.build(model.trainable_variables());
///     for (...) {
///       adam.minimize(tape, loss);
///       ema.apply(model.trainable_variables());
///     }
///
/// The average of "kernel" is called "kernel/ExponentialMovingAverage".
class ExponentialMovingAverage final : public Averages {
 public:
  /// Throws ValueError unless the decay is in [0, 1].
  explicit ExponentialMovingAverage(double decay, ExponentialMovingAverageOptions options = {});

  /// Makes the averages that do not exist, with the variables' present values.
  void build(const std::vector<Variable>& variables);
  /// Moves the averages, after making those that do not exist. With `num_updates` the decay is at most
  /// (1 + num_updates) / (10 + num_updates), so that averages move faster in the beginning. Throws TypeError for
  /// integer variables.
  void apply(const std::vector<Variable>& variables, std::optional<std::int64_t> num_updates = {});

  /// The same for a tensor that has a new value each time, under a name; gives the average, which starts at 0. Throws
  /// ValueError or TypeError if shape or dtype differ from the call before.
  Tensor apply(const std::string& tensor_name, const Tensor& value, std::optional<std::int64_t> num_updates = {});

 private:
  struct Followed {
    Variable average, biased, local_step;  // the latter two only with zero_debias
  };
  double decay(std::optional<std::int64_t> num_updates) const;
  Followed& find_or_make(const std::string& tensor_name, const Tensor& value);
  std::vector<Variable> state() const override;

  double decay_;
  ExponentialMovingAverageOptions options_;
  std::map<std::string, Followed> tensors_;
};

}  // namespace unroll
