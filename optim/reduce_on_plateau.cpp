#include "unroll/optim/reduce_on_plateau.hpp"

#include <algorithm>

#include "unroll/optim/schedule_check.hpp"

namespace unroll {

ReduceOnPlateau::ReduceOnPlateau(ReduceOnPlateauOptions options) : options_(options) {
  constexpr std::string_view who = "ReduceOnPlateau";
  if (!(options.factor > 0 && options.factor < 1))
    raise<ValueError>(who, "factor is ", options.factor, ", expected a number between 0 and 1");
  detail::check_not_negative(who, "patience", options.patience);
  detail::check_not_negative(who, "min_delta", options.min_delta);
  detail::check_not_negative(who, "cooldown", options.cooldown);
  detail::check_not_negative(who, "min_learning_rate", options.min_learning_rate);
}

bool ReduceOnPlateau::update(double metric, Optimizer& optimizer) {
  if (state_.cooling > 0) {
    --state_.cooling;
    state_.waited = 0;
  }
  if (metric < state_.best - options_.min_delta) {
    state_.best = metric;
    state_.waited = 0;
    return false;
  }
  if (state_.cooling > 0 || ++state_.waited < std::max(options_.patience, 1)) return false;
  state_.waited = 0;
  const double rate = optimizer.learning_rate();
  if (rate <= options_.min_learning_rate) return false;
  optimizer.set_learning_rate(std::max(rate * options_.factor, options_.min_learning_rate));
  state_.cooling = options_.cooldown;
  return true;
}

}  // namespace unroll
