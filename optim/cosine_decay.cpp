#include "unroll/optim/cosine_decay.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "unroll/optim/schedule_check.hpp"

namespace unroll {
namespace {

// 1 at phase 0, 0 at phase 1.
double half_wave(double phase) { return 0.5 * (1 + std::cos(std::numbers::pi * phase)); }

double progress(std::int64_t step, std::int64_t steps) {
  return static_cast<double>(std::min(step, steps)) / static_cast<double>(steps);
}

}  // namespace

Schedule cosine_decay(CosineDecayOptions options) {
  constexpr std::string_view who = "cosine_decay";
  detail::check_not_negative(who, "learning_rate", options.learning_rate);
  detail::check_positive(who, "decay_steps", options.decay_steps);
  detail::check_not_negative(who, "alpha", options.alpha);
  return [=](std::int64_t step) {
    double wave = half_wave(progress(step, options.decay_steps));
    return options.learning_rate * ((1 - options.alpha) * wave + options.alpha);
  };
}

Schedule cosine_decay_restarts(CosineDecayRestartsOptions options) {
  constexpr std::string_view who = "cosine_decay_restarts";
  detail::check_not_negative(who, "learning_rate", options.learning_rate);
  detail::check_positive(who, "first_decay_steps", options.first_decay_steps);
  detail::check_not_negative(who, "t_mul", options.t_mul);
  if (options.t_mul < 1) raise<ValueError>(who, "t_mul is ", options.t_mul, ", expected at least 1");
  detail::check_not_negative(who, "m_mul", options.m_mul);
  detail::check_not_negative(who, "alpha", options.alpha);
  return [=](std::int64_t step) {
    double position = static_cast<double>(step) / static_cast<double>(options.first_decay_steps), period = 0;
    if (options.t_mul == 1) {
      period = std::floor(position);
      position -= period;
    } else {
      const double t = options.t_mul;
      period = std::floor(std::log(1 - position * (1 - t)) / std::log(t));
      position = (position - (1 - std::pow(t, period)) / (1 - t)) / std::pow(t, period);
    }
    double wave = std::pow(options.m_mul, period) * half_wave(position);
    return options.learning_rate * ((1 - options.alpha) * wave + options.alpha);
  };
}

Schedule linear_cosine_decay(LinearCosineDecayOptions options) {
  constexpr std::string_view who = "linear_cosine_decay";
  detail::check_not_negative(who, "learning_rate", options.learning_rate);
  detail::check_positive(who, "decay_steps", options.decay_steps);
  detail::check_not_negative(who, "num_periods", options.num_periods);
  detail::check_not_negative(who, "alpha", options.alpha);
  detail::check_not_negative(who, "beta", options.beta);
  return [=](std::int64_t step) {
    double p = progress(step, options.decay_steps);
    double wave = half_wave(2 * options.num_periods * p);
    return options.learning_rate * ((options.alpha + 1 - p) * wave + options.beta);
  };
}

}  // namespace unroll
