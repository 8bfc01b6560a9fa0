#pragma once
// Learning rates that fall along a cosine.
#include "unroll/optim/learning_rate.hpp"

namespace unroll {

struct CosineDecayOptions {
  /// At step 0; has to be given, as the number of steps.
  double learning_rate = std::numeric_limits<double>::quiet_NaN();
  std::int64_t decay_steps = 0;
  /// The last learning rate, as a share of the first.
  double alpha = 0;
};

/// learning_rate * ((1 - alpha) * (1 + cos(pi * p)) / 2 + alpha) with p = min(step / decay_steps, 1)
/// (tf.compat.v1.train.cosine_decay; Loshchilov and Hutter 2017). Like the others here, throws ValueError unless the
/// numbers are finite and not negative, and the number of steps is at least 1.
Schedule cosine_decay(CosineDecayOptions options);

struct CosineDecayRestartsOptions {
  /// At step 0; has to be given, as the number of steps.
  double learning_rate = std::numeric_limits<double>::quiet_NaN();
  std::int64_t first_decay_steps = 0;
  /// How much longer each period is than the one before it, and how much larger its first learning rate.
  double t_mul = 2;
  double m_mul = 1;
  double alpha = 0;
};

/// cosine_decay that begins anew at the end of each period (tf.compat.v1.train.cosine_decay_restarts; SGDR). `t_mul`
/// has to be at least 1.
Schedule cosine_decay_restarts(CosineDecayRestartsOptions options);

struct LinearCosineDecayOptions {
  /// At step 0; has to be given, as the number of steps.
  double learning_rate = std::numeric_limits<double>::quiet_NaN();
  std::int64_t decay_steps = 0;
  double num_periods = 0.5;
  double alpha = 0;
  double beta = 0.001;
};

/// learning_rate * ((alpha + 1 - p) * (1 + cos(2 pi * num_periods * p)) / 2 + beta) with p = min(step / decay_steps, 1)
/// (tf.compat.v1.train.linear_cosine_decay; Bello et al. 2017).
Schedule linear_cosine_decay(LinearCosineDecayOptions options);

}  // namespace unroll
