#include "unroll/optim/rmsprop.hpp"

#include <cmath>

namespace unroll {

RMSProp::RMSProp(RMSPropOptions options)
    : Optimizer(std::move(options.name), options.learning_rate,
                options.centered ? std::vector<SlotSpec>{{"rms", 1}, {"mg"}, {"momentum"}}
                                 : std::vector<SlotSpec>{{"rms", 1}, {"momentum"}}),
      decay_(options.decay),
      momentum_(options.momentum),
      epsilon_(options.epsilon),
      centered_(options.centered) {
  require(decay_ >= 0 && decay_ <= 1, "decay", decay_, "a number in [0, 1]");
  require(momentum_ >= 0 && std::isfinite(momentum_), "momentum", momentum_, "a finite number that is not negative");
  require(epsilon_ >= 0 && std::isfinite(epsilon_), "epsilon", epsilon_, "a finite number that is not negative");
}

void RMSProp::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate()), momentum = static_cast<T>(momentum_);
    const T share = 1 - static_cast<T>(decay_), epsilon = static_cast<T>(epsilon_);
    auto plain = [=](T g, T& x, T& rms, T& a) {
      rms += (g * g - rms) * share;
      a = a * momentum + g * rate / std::sqrt(rms + epsilon);
      x -= a;
    };
    auto centered = [=](T g, T& x, T& rms, T& mg, T& a) {
      rms += (g * g - rms) * share;
      mg += (g - mg) * share;
      a = a * momentum + g * rate / std::sqrt(rms - mg * mg + epsilon);
      x -= a;
    };
    if (centered_)
      for_each_element<T>(gradient, centered, variable, slots[0], slots[1], slots[2]);
    else
      for_each_element<T>(gradient, plain, variable, slots[0], slots[1]);
  });
}

}  // namespace unroll
