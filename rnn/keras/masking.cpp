#include "unroll/rnn/keras/masking.hpp"

#include <vector>

#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"

namespace unroll::keras {

MaskingResult masking(const Tensor& x, double mask_value) {
  if (x.rank() < 3) raise<ValueError>("keras.masking", "x has shape ", x.shape(), ", expected (batch, time, ...)");
  std::vector<Index> features;
  for (Index axis = 2; axis < x.rank(); ++axis) features.push_back(axis);
  Tensor mask = reduce_any(not_equal(x, mask_value), features, true);
  return {where(mask, x, zeros({}, x.dtype())), reshape(mask, x.shape().slice(0, 2))};
}

namespace detail {

Tensor merge_time(const Tensor& x) {
  if (x.rank() < 2)
    raise<ValueError>("keras.time_distributed", "x has shape ", x.shape(), ", expected (batch, time, ...)");
  return reshape(x, Shape{x.shape(0) * x.shape(1)} + x.shape().slice(2));
}

Tensor split_time(const Tensor& y, Index batch, Index time) {
  return reshape(y, Shape{batch, time} + y.shape().slice(1));
}

}  // namespace detail
}  // namespace unroll::keras
