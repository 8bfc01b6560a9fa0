#include "unroll/optim/adamax.hpp"

#include <algorithm>
#include <cmath>

namespace unroll {

Adamax::Adamax(AdamaxOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {{"m"}, {"v"}}),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      epsilon_in_maximum_(options.epsilon_in_maximum) {
  require_below_one("beta1", beta1_);
  require_below_one("beta2", beta2_);
  require_not_negative("epsilon", epsilon_);
}

void Adamax::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  const double t = static_cast<double>(iterations() + 1);
  const double alpha_of_step = learning_rate() / (1 - std::pow(beta1_, t));
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T alpha = static_cast<T>(alpha_of_step);
    const T share = 1 - static_cast<T>(beta1_), beta2 = static_cast<T>(beta2_);
    const T inside = static_cast<T>(epsilon_in_maximum_ ? epsilon_ : 0);
    const T outside = static_cast<T>(epsilon_in_maximum_ ? 0 : epsilon_);
    auto rule = [=](T g, T& x, T& m, T& u) {
      m += (g - m) * share;
      u = std::max(u * beta2, std::abs(g) + inside);
      x -= m * alpha / (u + outside);
    };
    for_each_element<T>(gradient, rule, variable, slots[0], slots[1]);
  });
}

}  // namespace unroll
