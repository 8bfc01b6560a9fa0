#pragma once
// Rounding down, for float32 and float64; TypeError for another dtype.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// The greatest integer that is not above x (tf.floor). No gradient.
Tensor floor(const Tensor& x);
/// a - floor(a / b) b: what is left of a over whole b, with the sign of b (tf.math.floormod). Shapes broadcast. The
/// gradient of a is 1; of b it is that of a - n b for the fixed n = floor(a / b).
Tensor floor_mod(const Tensor& a, const Tensor& b);

}  // namespace unroll
