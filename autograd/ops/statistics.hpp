#pragma once
// Mean with variance, and norms. Axes and `keepdims` as in reduce.hpp. float32 and float64; TypeError for other dtypes.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct Moments {
  Tensor mean, variance;
};
/// The mean and the variance around it, sum((x - mean)^2) / n (tf.nn.moments).
Moments moments(const Tensor& x, IndexList axes = {}, bool keepdims = false);

/// Norm of vectors (tf.norm): of all elements, or of those along `axes`. `ord` 1: sum(|x|); 2: sqrt(sum(x^2));
/// infinity: max(|x|). Where the norm is 0 its gradient is 0 (TensorFlow's is NaN for ord 2). Throws ValueError for
/// another ord, or for the maximum of no elements.
Tensor norm(const Tensor& x, double ord = 2, IndexList axes = {}, bool keepdims = false);

}  // namespace unroll
