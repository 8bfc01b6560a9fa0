#pragma once
// Products of matrices and vectors. All throw TypeError if the dtypes differ and ValueError if the shapes do not fit.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct MatmulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};

/// Matrix product (TensorFlow's tf.matmul): a is (..., m, k), b is (..., k, n), the result (..., m, n). The dimensions
/// before the last two are batches, broadcast by NumPy's rule. With transpose_a, a is (..., k, m); with transpose_b, b
/// is (..., n, k). Integer matrices are multiplied, too (wrapping around on overflow). Vectors throw ValueError: use
/// dot, outer or tensordot.
Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options = {});

/// x + bias along the last axis (tf.nn.bias_add): x is (..., n) of rank 2 or more, bias is (n,).
Tensor bias_add(const Tensor& x, const Tensor& bias);

}  // namespace unroll
