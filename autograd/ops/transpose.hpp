#pragma once
// Reordering of axes.
#include <vector>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Axis k of the result is axis permutation[k] of x; without a permutation all axes are reversed (tf.transpose, NumPy).
/// Throws ValueError unless it is a permutation of all axes.
Tensor transpose(const Tensor& x, const std::vector<int>& permutation = {});

}  // namespace unroll
