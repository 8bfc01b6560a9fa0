#pragma once
// Products of vectors, and of tensors along chosen axes. All dtypes but bool. TypeError if the dtypes differ,
// ValueError for shapes that do not fit.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// a[0] b[0] + a[1] b[1] + ... of two vectors of one length.
Tensor dot(const Tensor& a, const Tensor& b);
/// a[i] b[j] of two vectors, as a matrix.
Tensor outer(const Tensor& a, const Tensor& b);
/// Sum of the products along pairs of axes, a's k-th listed with b's k-th (tf.tensordot). The result has a's other
/// axes, then b's. Throws IndexError for an axis outside.
Tensor tensordot(const Tensor& a, const Tensor& b, IndexList axes_of_a, IndexList axes_of_b);
/// The same along the last `axes` of a and the first of b; 1 is the matrix product, 0 the outer product.
Tensor tensordot(const Tensor& a, const Tensor& b, int axes);

}  // namespace unroll
