#pragma once
// Running sums.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct CumsumOptions {
  bool exclusive = false;  // element i is left out of sum i, and the first sum is 0
  bool reverse = false;    // sums begin at the end
};
/// Sums of the elements up to each one along `axis` (tf.cumsum). All dtypes but bool. Throws IndexError for an axis
/// outside.
Tensor cumsum(const Tensor& x, int axis = 0, CumsumOptions options = {});

}  // namespace unroll
