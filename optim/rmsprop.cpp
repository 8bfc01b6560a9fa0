#include "unroll/optim/rmsprop.hpp"

#include <cmath>

namespace unroll {

RMSProp::RMSProp(RMSPropOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate),
                options.centered ? std::vector<SlotSpec>{{"rms", options.initial_rms}, {"mg"}, {"momentum"}}
                                 : std::vector<SlotSpec>{{"rms", options.initial_rms}, {"momentum"}}),
      decay_(options.decay),
      momentum_(options.momentum),
      epsilon_(options.epsilon),
      centered_(options.centered),
      epsilon_in_root_(options.epsilon_in_root) {
  require(decay_ >= 0 && decay_ <= 1, "decay", decay_, "a number in [0, 1]");
  require_not_negative("momentum", momentum_);
  require_not_negative("epsilon", epsilon_);
  require_not_negative("initial_rms", options.initial_rms);
}

void RMSProp::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate()), momentum = static_cast<T>(momentum_);
    const T share = 1 - static_cast<T>(decay_);
    const T inside = static_cast<T>(epsilon_in_root_ ? epsilon_ : 0);
    const T outside = static_cast<T>(epsilon_in_root_ ? 0 : epsilon_);
    auto plain = [=](T g, T& x, T& rms, T& a) {
      rms += (g * g - rms) * share;
      a = a * momentum + g * rate / (std::sqrt(rms + inside) + outside);
      x -= a;
    };
    auto centered = [=](T g, T& x, T& rms, T& mg, T& a) {
      rms += (g * g - rms) * share;
      mg += (g - mg) * share;
      a = a * momentum + g * rate / (std::sqrt(rms - mg * mg + inside) + outside);
      x -= a;
    };
    if (centered_)
      for_each_element<T>(gradient, centered, variable, slots[0], slots[1], slots[2]);
    else
      for_each_element<T>(gradient, plain, variable, slots[0], slots[1]);
  });
}

}  // namespace unroll
