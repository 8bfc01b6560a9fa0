#include "unroll/optim/proximal_adagrad.hpp"

#include "unroll/optim/proximal.hpp"

namespace unroll {

ProximalAdagrad::ProximalAdagrad(ProximalAdagradOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate),
                {{"accumulator", options.initial_accumulator_value}}),
      l1_(options.l1_regularization_strength),
      l2_(options.l2_regularization_strength) {
  require(options.initial_accumulator_value > 0 && std::isfinite(options.initial_accumulator_value),
          "initial_accumulator_value", options.initial_accumulator_value, "a finite number greater than 0");
  require_not_negative("l1_regularization_strength", l1_);
  require_not_negative("l2_regularization_strength", l2_);
}

void ProximalAdagrad::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate()), l1 = static_cast<T>(l1_), l2 = static_cast<T>(l2_);
    auto rule = [=](T g, T& x, T& a) {
      a += g * g;
      T own_rate = rate / std::sqrt(a);
      x = detail::proximal(x - g * own_rate, own_rate, l1, l2);
    };
    for_each_element<T>(gradient, rule, variable, slots[0]);
  });
}

}  // namespace unroll
