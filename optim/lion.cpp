#include "unroll/optim/lion.hpp"

namespace unroll {

Lion::Lion(LionOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {{"momentum"}}),
      beta1_(options.beta1),
      beta2_(options.beta2) {
  require_below_one("beta1", beta1_);
  require_below_one("beta2", beta2_);
  set_weight_decay(std::move(options.weight_decay));
}

void Lion::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate());
    const T beta1 = static_cast<T>(beta1_), beta2 = static_cast<T>(beta2_);
    auto rule = [=](T g, T& x, T& m) {
      T direction = m * beta1 + g * (1 - beta1);
      x -= direction > 0 ? rate : direction < 0 ? -rate : 0;
      m = m * beta2 + g * (1 - beta2);
    };
    for_each_element<T>(gradient, rule, variable, slots[0]);
  });
}

}  // namespace unroll
