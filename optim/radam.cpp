#include "unroll/optim/radam.hpp"

#include <cmath>

namespace unroll {

RAdam::RAdam(RAdamOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {{"m"}, {"v"}}),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon) {
  require_below_one("beta1", beta1_);
  require_below_one("beta2", beta2_);
  require_not_negative("epsilon", epsilon_);
}

void RAdam::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  const double t = static_cast<double>(iterations() + 1);
  const double power2 = std::pow(beta2_, t), correction2 = 1 - power2;
  const double longest = 2 / (1 - beta2_) - 1, length = longest - 2 * t * power2 / correction2;
  const double mean_rate = learning_rate() / (1 - std::pow(beta1_, t));
  const bool adaptive = length > 5;
  const double rectification =
      adaptive ? std::sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) : 1;
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T share1 = 1 - static_cast<T>(beta1_), share2 = 1 - static_cast<T>(beta2_);
    const T epsilon = static_cast<T>(epsilon_), rate = static_cast<T>(mean_rate);
    const T alpha = static_cast<T>(mean_rate * rectification * std::sqrt(correction2));
    auto moments = [=](T g, T& m, T& v) {
      m += (g - m) * share1;
      v += (g * g - v) * share2;
    };
    auto plain = [=](T g, T& x, T& m, T& v) {
      moments(g, m, v);
      x -= m * rate;
    };
    auto rectified = [=](T g, T& x, T& m, T& v) {
      moments(g, m, v);
      x -= m * alpha / (std::sqrt(v) + epsilon);
    };
    if (adaptive)
      for_each_element<T>(gradient, rectified, variable, slots[0], slots[1]);
    else
      for_each_element<T>(gradient, plain, variable, slots[0], slots[1]);
  });
}

}  // namespace unroll
