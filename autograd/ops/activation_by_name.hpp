#pragma once
// Activations by the names that Keras gives them, for arguments of cells and for files.
#include <functional>
#include <string_view>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// The function of that name: elu, exponential, gelu, hard_sigmoid, leaky_relu, linear (x itself), relu, selu, sigmoid,
/// silu, softmax, softplus, softsign, swish or tanh, each by its default arguments (tf.keras.activations.get). Throws
/// ValueError for another name.
std::function<Tensor(const Tensor&)> activation(std::string_view name);

}  // namespace unroll
