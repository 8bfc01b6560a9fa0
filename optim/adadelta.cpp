#include "unroll/optim/adadelta.hpp"

#include <cmath>

namespace unroll {

Adadelta::Adadelta(AdadeltaOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {{"accum"}, {"accum_update"}}),
      rho_(options.rho),
      epsilon_(options.epsilon) {
  require_below_one("rho", rho_);
  require_not_negative("epsilon", epsilon_);
}

void Adadelta::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate()), epsilon = static_cast<T>(epsilon_);
    const T rho = static_cast<T>(rho_), share = 1 - rho;
    auto rule = [=](T g, T& x, T& a, T& d) {
      a = a * rho + g * g * share;
      T step = g * std::sqrt(d + epsilon) / std::sqrt(a + epsilon);
      d = d * rho + step * step * share;
      x -= step * rate;
    };
    for_each_element<T>(gradient, rule, variable, slots[0], slots[1]);
  });
}

}  // namespace unroll
