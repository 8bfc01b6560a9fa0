#include "unroll/optim/one_cycle.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "unroll/optim/schedule_check.hpp"

namespace unroll {

Schedule one_cycle(OneCycleOptions options) {
  constexpr std::string_view who = "one_cycle";
  detail::check_not_negative(who, "max_learning_rate", options.max_learning_rate);
  detail::check_positive(who, "total_steps", options.total_steps);
  if (!(options.rising >= 0 && options.rising <= 1))
    raise<ValueError>(who, "rising is ", options.rising, ", expected a number in [0, 1]");
  if (!(options.div_factor > 0)) raise<ValueError>(who, "div_factor is ", options.div_factor, ", expected more than 0");
  if (!(options.final_div_factor > 0))
    raise<ValueError>(who, "final_div_factor is ", options.final_div_factor, ", expected more than 0");
  const double highest = options.max_learning_rate, first = highest / options.div_factor;
  const double last_step = static_cast<double>(options.total_steps - 1);
  const double top = std::clamp(options.rising * static_cast<double>(options.total_steps) - 1, 0.0, last_step);
  return [=](std::int64_t step) {
    auto between = [](double from, double to, double share) {
      return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * share));
    };
    double now = std::min(static_cast<double>(step), last_step);
    if (now < top) return between(first, highest, now / top);
    return between(highest, first / options.final_div_factor, last_step > top ? (now - top) / (last_step - top) : 1);
  };
}

}  // namespace unroll
