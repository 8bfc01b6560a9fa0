#include "unroll/optim/proximal_gradient_descent.hpp"

#include "unroll/optim/proximal.hpp"

namespace unroll {

ProximalGradientDescent::ProximalGradientDescent(ProximalGradientDescentOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {}),
      l1_(options.l1_regularization_strength),
      l2_(options.l2_regularization_strength) {
  require_not_negative("l1_regularization_strength", l1_);
  require_not_negative("l2_regularization_strength", l2_);
}

void ProximalGradientDescent::update(const Tensor& gradient, const Variable& variable, Slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate()), l1 = static_cast<T>(l1_), l2 = static_cast<T>(l2_);
    for_each_element<T>(
        gradient, [=](T g, T& x) { x = detail::proximal(x - g * rate, rate, l1, l2); }, variable);
  });
}

}  // namespace unroll
