#pragma once
// Probabilities from logits. For float32 and float64; TypeError for other dtypes, IndexError for an axis outside.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// exp(x) / sum(exp(x)) along `axis` (tf.nn.softmax), without overflow.
Tensor softmax(const Tensor& x, int axis = -1);
/// log(softmax(x)), precise where the probability is close to 0 or 1 (tf.nn.log_softmax).
Tensor log_softmax(const Tensor& x, int axis = -1);

}  // namespace unroll
