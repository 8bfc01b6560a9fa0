#pragma once
// Reversals, for all dtypes.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// The elements along each of `axes` in reverse order (tf.reverse). Throws IndexError for an axis outside, ValueError
/// for one given twice.
Tensor reverse(const Tensor& x, IndexList axes);

/// Along seq_axis, the first seq_lengths[b] elements of each b along batch_axis in reverse order; those after them stay
/// where they are (tf.reverse_sequence). Throws TypeError unless the lengths are int32 or int64; ValueError unless
/// there is one for each b and the axes differ; IndexError for an axis outside; InvalidArgumentError for a length that
/// is negative or greater than the dimension.
Tensor reverse_sequence(const Tensor& x, const Tensor& seq_lengths, int seq_axis, int batch_axis = 0);

}  // namespace unroll
