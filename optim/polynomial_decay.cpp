#include "unroll/optim/polynomial_decay.hpp"

#include <algorithm>
#include <cmath>

#include "unroll/optim/schedule_check.hpp"

namespace unroll {

Schedule polynomial_decay(PolynomialDecayOptions options) {
  constexpr std::string_view who = "polynomial_decay";
  detail::check_not_negative(who, "learning_rate", options.learning_rate);
  detail::check_positive(who, "decay_steps", options.decay_steps);
  detail::check_not_negative(who, "end_learning_rate", options.end_learning_rate);
  detail::check_not_negative(who, "power", options.power);
  return [=](std::int64_t step) {
    double now = static_cast<double>(step), steps = static_cast<double>(options.decay_steps);
    if (options.cycle) steps *= std::max(1.0, std::ceil(now / steps));
    double left = 1 - std::min(now, steps) / steps;
    return (options.learning_rate - options.end_learning_rate) * std::pow(left, options.power) +
           options.end_learning_rate;
  };
}

}  // namespace unroll
