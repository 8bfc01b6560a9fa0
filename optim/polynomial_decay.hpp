#pragma once
// A learning rate that falls along a polynomial.
#include "unroll/optim/learning_rate.hpp"

namespace unroll {

struct PolynomialDecayOptions {
  /// At step 0; has to be given, as the number of steps.
  double learning_rate = std::numeric_limits<double>::quiet_NaN();
  std::int64_t decay_steps = 0;
  double end_learning_rate = 0.0001;
  /// 1: linear.
  double power = 1;
  /// Whether it begins anew after each decay_steps, over twice, three times, ... as many steps from step 0 on.
  bool cycle = false;
};

/// (learning_rate - end) * (1 - min(step, n) / n)^power + end with n = decay_steps
/// (tf.compat.v1.train.polynomial_decay). With `cycle`, n is the smallest multiple of decay_steps that is not below
/// step. Throws ValueError unless the numbers are finite and not negative, and `decay_steps` is at least 1.
Schedule polynomial_decay(PolynomialDecayOptions options);

}  // namespace unroll
