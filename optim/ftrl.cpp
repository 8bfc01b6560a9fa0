#include "unroll/optim/ftrl.hpp"

#include <cmath>

namespace unroll {

Ftrl::Ftrl(FtrlOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate),
                {{"accum", options.initial_accumulator_value}, {"linear"}}),
      power_(options.learning_rate_power),
      l1_(options.l1_regularization_strength),
      l2_(options.l2_regularization_strength),
      shrinkage_(options.l2_shrinkage_regularization_strength) {
  check_rate();
  require(power_ <= 0 && std::isfinite(power_), "learning_rate_power", power_, "a finite number that is at most 0");
  require_not_negative("initial_accumulator_value", options.initial_accumulator_value);
  require_not_negative("l1_regularization_strength", l1_);
  require_not_negative("l2_regularization_strength", l2_);
  require_not_negative("l2_shrinkage_regularization_strength", shrinkage_);
}

void Ftrl::check_rate() const {
  require(learning_rate() > 0, "learning_rate", learning_rate(), "a number greater than 0");
}

void Ftrl::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  check_rate();
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate()), power = static_cast<T>(-power_);
    const T l1 = static_cast<T>(l1_), l2 = static_cast<T>(l2_), shrinkage = static_cast<T>(shrinkage_);
    auto rule_for = [=](auto raise_to_power) {
      return [=](T g, T& x, T& n, T& z) {
        T scale = raise_to_power(n + g * g);
        z += g + 2 * shrinkage * x - (scale - raise_to_power(n)) / rate * x;
        n += g * g;
        T pull = std::abs(z) - l1;
        x = pull > 0 ? -std::copysign(pull, z) / (scale / rate + 2 * l2) : 0;
      };
    };
    if (power == T{0.5})
      for_each_element<T>(gradient, rule_for([](T n) { return std::sqrt(n); }), variable, slots[0], slots[1]);
    else
      for_each_element<T>(gradient, rule_for([=](T n) { return std::pow(n, power); }), variable, slots[0], slots[1]);
  });
}

}  // namespace unroll
