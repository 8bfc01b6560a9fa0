#include "unroll/optim/adagrad.hpp"

#include <cmath>

namespace unroll {

Adagrad::Adagrad(AdagradOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate),
                {{"accumulator", options.initial_accumulator_value}}),
      epsilon_(options.epsilon),
      epsilon_in_root_(options.epsilon_in_root) {
  require_not_negative("initial_accumulator_value", options.initial_accumulator_value);
  require_not_negative("epsilon", epsilon_);
  require(options.initial_accumulator_value > 0 || epsilon_ > 0, "initial_accumulator_value",
          options.initial_accumulator_value, "a number greater than 0, as epsilon is 0");
}

void Adagrad::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate());
    const T inside = static_cast<T>(epsilon_in_root_ ? epsilon_ : 0);
    const T outside = static_cast<T>(epsilon_in_root_ ? 0 : epsilon_);
    auto rule = [=](T g, T& x, T& a) {
      a += g * g;
      x -= g * rate / (std::sqrt(a + inside) + outside);
    };
    for_each_element<T>(gradient, rule, variable, slots[0]);
  });
}

}  // namespace unroll
