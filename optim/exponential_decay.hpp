#pragma once
// Learning rates that fall by a factor: exponential, natural exponential and inverse time decay.
#include "unroll/optim/learning_rate.hpp"

namespace unroll {

struct DecayOptions {
  /// At step 0. All but `staircase` have to be given.
  double learning_rate = std::numeric_limits<double>::quiet_NaN();
  std::int64_t decay_steps = 0;
  double decay_rate = std::numeric_limits<double>::quiet_NaN();
  /// Whether step / decay_steps is rounded down.
  bool staircase = false;
};

/// learning_rate * decay_rate^(step / decay_steps) (tf.compat.v1.train.exponential_decay). All three throw ValueError
/// unless the numbers are finite and not negative, and `decay_steps` is at least 1.
Schedule exponential_decay(DecayOptions options);
/// learning_rate * exp(-decay_rate * step / decay_steps) (tf.compat.v1.train.natural_exp_decay).
Schedule natural_exp_decay(DecayOptions options);
/// learning_rate / (1 + decay_rate * step / decay_steps) (tf.compat.v1.train.inverse_time_decay).
Schedule inverse_time_decay(DecayOptions options);

}  // namespace unroll
