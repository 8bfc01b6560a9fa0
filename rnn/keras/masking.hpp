#pragma once
// tf.keras.layers.Masking and TimeDistributed.
#include "unroll/core/tensor.hpp"

namespace unroll::keras {

struct MaskingResult {
  Tensor outputs;  // the inputs, masked steps set to zero
  Tensor mask;     // bool (batch, time), for RNNCallOptions
};

/// Leaves out the steps whose features all equal `mask_value` (tf.keras.layers.Masking). x is (batch, time, ...).
/// Throws ValueError for a rank below 3.
MaskingResult masking(const Tensor& x, double mask_value = 0);

/// layer(x) at each step on its own, batch and time taken together (tf.keras.layers.TimeDistributed): x is (batch,
/// time,
/// ...), and the layer maps (rows, ...) to (rows, ...). Throws ValueError for a rank below 2.
template <class Layer>
Tensor time_distributed(Layer&& layer, const Tensor& x);

namespace detail {
Tensor merge_time(const Tensor& x);
Tensor split_time(const Tensor& y, Index batch, Index time);
}  // namespace detail

template <class Layer>
Tensor time_distributed(Layer&& layer, const Tensor& x) {
  Tensor rows = detail::merge_time(x);
  return detail::split_time(layer(rows), x.shape(0), x.shape(1));
}

}  // namespace unroll::keras
