#include "unroll/optim/exponential_decay.hpp"

#include <cmath>

#include "unroll/optim/schedule_check.hpp"

namespace unroll {
namespace {

double periods(const DecayOptions& options, std::int64_t step) {
  double p = static_cast<double>(step) / static_cast<double>(options.decay_steps);
  return options.staircase ? std::floor(p) : p;
}

void check(std::string_view who, const DecayOptions& options) {
  detail::check_not_negative(who, "learning_rate", options.learning_rate);
  detail::check_positive(who, "decay_steps", options.decay_steps);
  detail::check_not_negative(who, "decay_rate", options.decay_rate);
}

}  // namespace

Schedule exponential_decay(DecayOptions options) {
  check("exponential_decay", options);
  return
      [=](std::int64_t step) { return options.learning_rate * std::pow(options.decay_rate, periods(options, step)); };
}

Schedule natural_exp_decay(DecayOptions options) {
  check("natural_exp_decay", options);
  return
      [=](std::int64_t step) { return options.learning_rate * std::exp(-options.decay_rate * periods(options, step)); };
}

Schedule inverse_time_decay(DecayOptions options) {
  check("inverse_time_decay", options);
  return [=](std::int64_t step) { return options.learning_rate / (1 + options.decay_rate * periods(options, step)); };
}

}  // namespace unroll
