#include "unroll/optim/nadam.hpp"

#include <cmath>

namespace unroll {

NAdam::NAdam(NAdamOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {{"m"}, {"v"}}),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      momentum_decay_(options.momentum_decay),
      product_dtype_(options.product_dtype) {
  require_below_one("beta1", beta1_);
  require_below_one("beta2", beta2_);
  require_not_negative("epsilon", epsilon_);
  require_not_negative("momentum_decay", momentum_decay_);
  if (!is_floating(product_dtype_))
    raise<TypeError>(name(), "product_dtype is ", product_dtype_, ", expected float32 or float64");
}

double NAdam::momentum(double t) const { return beta1_ * (1 - 0.5 * std::pow(0.96, t * momentum_decay_)); }

void NAdam::create_state(DType) { product_ = add_state("momentum_product", 1, product_dtype_); }

// With this step's momentum.
double NAdam::next_product() const {
  const double now = momentum(static_cast<double>(iterations() + 1));
  return dispatch_floating(name(), product_dtype_, [&](auto zero) {
    using T = decltype(zero);
    return static_cast<double>(product_.value().item<T>() * static_cast<T>(now));
  });
}

void NAdam::update(const Tensor& gradient, const Variable& variable, Slots slots) {
  const double t = static_cast<double>(iterations() + 1);
  const double now = momentum(t), next = momentum(t + 1);
  const double product = next_product();
  const double alpha_of_m = learning_rate() * next / (1 - product * next);
  const double alpha_of_g = learning_rate() * (1 - now) / (1 - product);
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T share1 = 1 - static_cast<T>(beta1_), share2 = 1 - static_cast<T>(beta2_);
    const T from_m = static_cast<T>(alpha_of_m), from_g = static_cast<T>(alpha_of_g);
    const T correction = static_cast<T>(1 - std::pow(beta2_, t)), epsilon = static_cast<T>(epsilon_);
    auto rule = [=](T g, T& x, T& m, T& v) {
      m += (g - m) * share1;
      v += (g * g - v) * share2;
      x -= (m * from_m + g * from_g) / (std::sqrt(v / correction) + epsilon);
    };
    for_each_element<T>(gradient, rule, variable, slots[0], slots[1]);
  });
}

void NAdam::finish_step() {
  const double next = next_product();
  dispatch_floating(name(), product_dtype_, [&](auto zero) {
    using T = decltype(zero);
    *product_.mutable_data<T>() = static_cast<T>(next);
  });
}

}  // namespace unroll
