#pragma once
// Powers, exponentials and the like, element by element. Shapes of two operands broadcast by NumPy's rule. All throw
// TypeError for a dtype they are not for, or if the dtypes differ, and ValueError if the shapes cannot be broadcast.
// Unless it says otherwise, a function is for float32 and float64 only and gives for zeros, infinities and NaN what the
// C library's gives.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// x to the power of y (tf.pow). The gradient with respect to y is 0 where x <= 0, because the logarithm is taken as 0
/// there; the one with respect to x is 0 where y is 0.
Tensor power(const Tensor& x, const Tensor& y);
Tensor power(const Tensor& x, double y);
/// x * x. For all dtypes but bool.
Tensor square(const Tensor& x);
/// (a - b)^2. For all dtypes but bool.
Tensor squared_difference(const Tensor& a, const Tensor& b);
/// The gradient at 0 is infinite.
Tensor sqrt(const Tensor& x);
/// 1 / sqrt(x)
Tensor rsqrt(const Tensor& x);

Tensor exp(const Tensor& x);
/// exp(x) - 1, precise for small x
Tensor expm1(const Tensor& x);
/// The natural logarithm.
Tensor log(const Tensor& x);
/// log(1 + x), precise for small x
Tensor log1p(const Tensor& x);

/// |x|. For all dtypes but bool. The gradient at 0 is 0.
Tensor abs(const Tensor& x);
/// -1, 0 or 1; 0 for -0, NaN for NaN. For all dtypes but bool. The gradient is 0 everywhere.
Tensor sign(const Tensor& x);

Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);

}  // namespace unroll
