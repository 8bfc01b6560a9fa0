#pragma once
// Convolutions.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// Cross-correlation with zeros around the border, so that the result has x's size (tf.nn.convolution with padding
/// SAME and strides of 1): x is (batch, spatial..., channels in), filters (window..., channels in, channels out) with
/// as many window as spatial dimensions, one or more. Where a window is even, the extra zero comes last. Throws
/// ValueError for shapes that do not fit, TypeError if the dtypes differ.
Tensor convolution(const Tensor& x, const Tensor& filters);

}  // namespace unroll
