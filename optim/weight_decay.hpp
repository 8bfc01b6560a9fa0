#pragma once
// L2 penalties, added to gradients before they are applied.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

/// g + rate * x for each variable that `decay` does not leave out: the gradient of the loss plus rate / 2 * sum(x^2),
/// as PyTorch's weight_decay of SGD and Adam. Missing gradients stay missing. For decay apart from the gradient see
/// Optimizer::set_weight_decay. Throws ValueError for a rate that is negative or not finite.
///
///     auto gradients = adam.compute_gradients(tape, loss);
///     add_weight_decay(gradients, {.rate = 1e-4, .filter = is_kernel});
///     adam.apply_gradients(gradients);
void add_weight_decay(GradientsAndVariables& gradients_and_variables, const WeightDecay& decay);

}  // namespace unroll
