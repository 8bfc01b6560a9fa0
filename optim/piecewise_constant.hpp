#pragma once
// A learning rate that changes at given steps.
#include <vector>

#include "unroll/optim/learning_rate.hpp"

namespace unroll {

/// values[0] for steps up to and including boundaries[0], values[1] up to boundaries[1], ..., the last value from then
/// on (tf.compat.v1.train.piecewise_constant). Throws ValueError unless there is one value more than boundaries, the
/// boundaries rise, and the values are finite and not negative.
Schedule piecewise_constant(std::vector<std::int64_t> boundaries, std::vector<double> values);

}  // namespace unroll
