#include "unroll/autograd/ops/statistics.hpp"

#include <limits>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {

Moments moments(const Tensor& x, IndexList axes, bool keepdims) {
  floating("moments", x);
  Tensor mean = reduce_mean(x, axes, true);
  Tensor variance = reduce_mean(squared_difference(x, mean), axes, keepdims);
  return {keepdims ? mean : reshape(mean, variance.shape()), variance};
}

Tensor norm(const Tensor& x, double ord, IndexList axes, bool keepdims) {
  floating("norm", x);
  if (ord == 1) return reduce_sum(abs(x), axes, keepdims);
  if (ord == std::numeric_limits<double>::infinity()) return reduce_max(abs(x), axes, keepdims);
  if (ord != 2) raise<ValueError>("norm", "ord is ", ord, ", expected 1, 2 or infinity");
  Tensor squares = reduce_sum(square(x), axes, keepdims), is_zero = equal(squares, 0);
  return where(is_zero, zeros_like(squares), sqrt(where(is_zero, ones_like(squares), squares)));
}

}  // namespace unroll
