#pragma once
// One cycle: a learning rate that rises to its maximum and falls to almost nothing.
#include "unroll/optim/learning_rate.hpp"

namespace unroll {

struct OneCycleOptions {
  /// These two have to be given.
  double max_learning_rate = std::numeric_limits<double>::quiet_NaN();
  std::int64_t total_steps = 0;
  /// The share of the steps in which it rises.
  double rising = 0.3;
  /// The maximum divided by the first learning rate, and the first divided by the last.
  double div_factor = 25;
  double final_div_factor = 1e4;
};

/// Smith and Topin 2018, with half waves of a cosine, as PyTorch's OneCycleLR: the first step has max / div_factor,
/// step rising * total_steps - 1 has the maximum, and the last step, total_steps - 1, and all after it have max /
/// div_factor / final_div_factor. Throws ValueError unless the maximum is finite and not negative, there is at least
/// one step, the share is in [0, 1] and the factors are greater than 0.
Schedule one_cycle(OneCycleOptions options);

}  // namespace unroll
