#pragma once
// Other shapes for the same elements. The results are views: no element is copied. All dtypes.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// x's elements in row-major order under another shape (tf.reshape). One dimension may be -1: it follows from the
/// others. Throws ValueError if the sizes differ, or if -1 cannot be worked out.
Tensor reshape(const Tensor& x, IndexList shape);
/// Inserts a dimension of 1 before `axis`; -1 appends it (tf.expand_dims). Throws IndexError unless
/// -rank-1 <= axis <= rank.
Tensor expand_dims(const Tensor& x, int axis);
/// Removes dimensions of 1: those in `axes`, or all of them (tf.squeeze). Throws ValueError if one in `axes` is not 1,
/// IndexError for an axis outside.
Tensor squeeze(const Tensor& x, IndexList axes = {});
/// Makes axes first .. last one; all of them without arguments (torch.flatten). `flatten(x, 1)` keeps the batch. A
/// tensor of rank 0 becomes one of shape (1,). Throws IndexError for an axis outside, ValueError if last < first.
Tensor flatten(const Tensor& x, int first = 0, int last = -1);

}  // namespace unroll
