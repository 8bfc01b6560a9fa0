#pragma once
// A warm-up before any learning rate.
#include "unroll/optim/learning_rate.hpp"

namespace unroll {

/// Rises linearly to what `after` gives: in step k < warm_up_steps it is (k + 1) / (warm_up_steps + 1) of after(0),
/// then after(step - warm_up_steps) (Goyal et al. 2017):
///
///     Adam adam({.learning_rate = warm_up(100, cosine_decay({.learning_rate = 1e-3, .decay_steps = 900}))});
///
/// Throws ValueError if the number of steps is negative.
Schedule warm_up(std::int64_t warm_up_steps, LearningRate after);

}  // namespace unroll
