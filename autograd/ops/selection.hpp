#pragma once
// Choices between elements. Shapes broadcast by NumPy's rule; all throw TypeError if the dtypes differ and ValueError
// if the shapes cannot be broadcast.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// The larger and the smaller one; NaN if either is NaN. For all dtypes but bool. Where both are equal, the gradient
/// goes to the first argument (tf.maximum, tf.minimum).
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);

/// x, but not below `min` nor above `max`; NaN stays NaN, and `min` wins if it is above `max` (tf.clip_by_value). For
/// all dtypes but bool. The gradient of x is 1 from `min` to `max`, both included, and 0 outside. Tensors must
/// broadcast to x's shape and get the gradient where they replace x.
Tensor clip_by_value(const Tensor& x, double min, double max);
Tensor clip_by_value(const Tensor& x, const Tensor& min, const Tensor& max);

/// a where `condition`, a tensor of bool, is true, and b elsewhere (tf.where). The gradient of what was not taken is
/// exactly 0, whatever is there.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

}  // namespace unroll
