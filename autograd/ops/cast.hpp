#pragma once
// The same values: under another dtype, or for the tape.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// x with elements of another dtype (tf.cast). To integers they are cut towards zero, NaN becomes 0 and what is out of
/// range the nearest bound; to bool, anything but 0 is true. Between float32 and float64 the gradient is cast back; a
/// cast to integers or bool stops it. A cast to x's own dtype gives x.
Tensor cast(const Tensor& x, DType dtype);
/// The elements of x, as a constant: no gradient flows back (tf.stop_gradient).
Tensor stop_gradient(const Tensor& x);
/// The elements of x as a tensor of its own on the tape, so that a gradient can be asked with respect to this one use
/// (tf.identity).
Tensor identity(const Tensor& x);

}  // namespace unroll
