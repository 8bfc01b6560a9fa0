#pragma once
// Broadcasting and its adjoint.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// x stretched to `shape` by NumPy's rule (TensorFlow's tf.broadcast_to). Throws ValueError if it cannot be.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// The sum of x over the dimensions in which `shape` was stretched to x's shape: the gradient of broadcast_to. Floating
/// point only. Throws ValueError unless `shape` broadcasts to x's.
Tensor sum_to(const Tensor& x, const Shape& shape);

}  // namespace unroll
