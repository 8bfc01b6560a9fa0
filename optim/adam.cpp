#include "unroll/optim/adam.hpp"

#include <cmath>

namespace unroll {

Adam::Adam(AdamOptions options)
    : Optimizer(std::move(options.name), options.learning_rate, {{"m"}, {"v"}}),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon) {
  require(beta1_ >= 0 && static_cast<float>(beta1_) < 1, "beta1", beta1_, "a number in [0, 1)");
  require(beta2_ >= 0 && static_cast<float>(beta2_) < 1, "beta2", beta2_, "a number in [0, 1)");
  require(epsilon_ >= 0 && std::isfinite(epsilon_), "epsilon", epsilon_, "a finite number that is not negative");
}

void Adam::create_state(DType dtype) {
  beta1_power_ = add_state("beta1_power", beta1_, dtype);
  beta2_power_ = add_state("beta2_power", beta2_, dtype);
}

void Adam::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T power1 = beta1_power_.value().item<T>(), power2 = beta2_power_.value().item<T>();
    const T share1 = 1 - static_cast<T>(beta1_), share2 = 1 - static_cast<T>(beta2_);
    const T alpha = static_cast<T>(learning_rate()) * std::sqrt(1 - power2) / (1 - power1);
    const T epsilon = static_cast<T>(epsilon_);
    auto rule = [=](T g, T& x, T& m, T& v) {
      m += (g - m) * share1;
      v += (g * g - v) * share2;
      x -= m * alpha / (std::sqrt(v) + epsilon);
    };
    for_each_element<T>(gradient, rule, variable, slots[0], slots[1]);
  });
}

void Adam::finish_step() {
  dispatch_floating(name(), beta1_power_.dtype(), [&](auto zero) {
    using T = decltype(zero);
    *beta1_power_.mutable_data<T>() *= static_cast<T>(beta1_);
    *beta2_power_.mutable_data<T>() *= static_cast<T>(beta2_);
  });
}

}  // namespace unroll
