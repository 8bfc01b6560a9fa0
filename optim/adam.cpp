#include "unroll/optim/adam.hpp"

#include <algorithm>
#include <cmath>

namespace unroll {

Adam::Adam(AdamOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate),
                options.amsgrad ? std::vector<SlotSpec>{{"m"}, {"v"}, {"vhat"}} : std::vector<SlotSpec>{{"m"}, {"v"}}),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      amsgrad_(options.amsgrad),
      epsilon_hat_(options.epsilon_hat) {
  require_below_one("beta1", beta1_);
  require_below_one("beta2", beta2_);
  require_not_negative("epsilon", epsilon_);
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
    const T correction = std::sqrt(1 - power2);
    const T alpha = static_cast<T>(learning_rate()) * correction / (1 - power1);
    const T epsilon = static_cast<T>(epsilon_) * (epsilon_hat_ ? 1 : correction);
    auto plain = [=](T g, T& x, T& m, T& v) {
      m += (g - m) * share1;
      v += (g * g - v) * share2;
      x -= m * alpha / (std::sqrt(v) + epsilon);
    };
    auto amsgrad = [=](T g, T& x, T& m, T& v, T& vhat) {
      m += (g - m) * share1;
      v += (g * g - v) * share2;
      vhat = std::max(vhat, v);
      x -= m * alpha / (std::sqrt(vhat) + epsilon);
    };
    if (amsgrad_)
      for_each_element<T>(gradient, amsgrad, variable, slots[0], slots[1], slots[2]);
    else
      for_each_element<T>(gradient, plain, variable, slots[0], slots[1]);
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
