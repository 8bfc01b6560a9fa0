#pragma once
// Non-linearities, element by element. All are for float32 and float64, throw TypeError for another dtype, and give NaN
// for NaN.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// 1 / (1 + exp(-x)) (tf.sigmoid). Within 2 ulp in float32.
Tensor sigmoid(const Tensor& x);
/// The hyperbolic tangent (tf.tanh). Within 2 ulp in float32.
Tensor tanh(const Tensor& x);
/// max(x, 0) (tf.nn.relu). The gradient at 0 is 0.
Tensor relu(const Tensor& x);

}  // namespace unroll
