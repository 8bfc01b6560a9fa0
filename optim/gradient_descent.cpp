#include "unroll/optim/gradient_descent.hpp"

namespace unroll {

GradientDescent::GradientDescent(GradientDescentOptions options)
    : Optimizer(std::move(options.name), std::move(options.learning_rate), {}) {}

void GradientDescent::update(const Tensor& gradient, const Variable& variable, Slots) {
  dispatch_floating(name(), variable.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(learning_rate());
    for_each_element<T>(
        gradient, [=](T g, T& x) { x -= g * rate; }, variable);
  });
}

}  // namespace unroll
