#include "unroll/optim/momentum.hpp"

namespace unroll {

Momentum::Momentum(MomentumOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {{"momentum"}}),
      momentum_(options.momentum),
      use_nesterov_(options.use_nesterov) {
  require_not_negative("momentum", momentum_);
}

void Momentum::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate()), momentum = static_cast<T>(momentum_);
    auto plain = [=](T g, T& x, T& a) {
      a = a * momentum + g;
      x -= a * rate;
    };
    auto nesterov = [=](T g, T& x, T& a) {
      a = a * momentum + g;
      x -= g * rate + a * momentum * rate;
    };
    if (use_nesterov_)
      for_each_element<T>(gradient, nesterov, variable, slots[0]);
    else
      for_each_element<T>(gradient, plain, variable, slots[0]);
  });
}

}  // namespace unroll
