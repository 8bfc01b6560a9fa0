#include "unroll/optim/warm_up.hpp"

#include "unroll/core/errors.hpp"

namespace unroll {

Schedule warm_up(std::int64_t warm_up_steps, LearningRate after) {
  if (warm_up_steps < 0)
    raise<ValueError>("warm_up", "warm_up_steps is ", warm_up_steps, ", expected a number that is not negative");
  return [=, after = std::move(after)](std::int64_t step) {
    if (step >= warm_up_steps) return after.at(step - warm_up_steps);
    return after.at(0) * static_cast<double>(step + 1) / static_cast<double>(warm_up_steps + 1);
  };
}

}  // namespace unroll
