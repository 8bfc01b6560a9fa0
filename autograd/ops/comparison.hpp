#pragma once
// Comparisons, logic and positions of extremes. Their results are bool or integers: they have no gradient, and
// gradients stop there. Shapes broadcast by NumPy's rule; ValueError if they cannot, TypeError if the dtypes differ or
// do not fit. Comparisons are those of IEEE 754: NaN equals nothing, itself included. A C++ number takes the dtype of
// the tensor.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// For all dtypes.
Tensor equal(const Tensor& a, const Tensor& b);
Tensor not_equal(const Tensor& a, const Tensor& b);
/// For all dtypes but bool.
Tensor less(const Tensor& a, const Tensor& b);
Tensor less_equal(const Tensor& a, const Tensor& b);
Tensor greater(const Tensor& a, const Tensor& b);
Tensor greater_equal(const Tensor& a, const Tensor& b);

Tensor equal(const Tensor& a, double b);
Tensor not_equal(const Tensor& a, double b);
Tensor less(const Tensor& a, double b);
Tensor less_equal(const Tensor& a, double b);
Tensor greater(const Tensor& a, double b);
Tensor greater_equal(const Tensor& a, double b);

/// For bool only.
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);
Tensor logical_not(const Tensor& x);

/// For float32 and float64 only.
Tensor is_nan(const Tensor& x);
/// Neither NaN nor infinite.
Tensor is_finite(const Tensor& x);

/// Position of the largest (smallest) element along `axis`, the first of them if several are equal; `axis` is removed
/// from the shape (tf.argmax). A NaN counts as larger (smaller) than all numbers, as in NumPy. `output_type` is int32
/// or int64. Throws ValueError if there is no element along the axis, IndexError for an axis outside.
Tensor argmax(const Tensor& x, int axis = 0, DType output_type = int64);
Tensor argmin(const Tensor& x, int axis = 0, DType output_type = int64);

}  // namespace unroll
