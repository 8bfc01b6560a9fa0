#pragma once
// Indicators: what integers say, written out as numbers or as true and false. They have no gradient.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct OneHotOptions {
  double on_value = 1;
  double off_value = 0;
  int axis = -1;  // where the new axis goes
  DType dtype = float32;
};
/// A new axis of `depth` elements: on_value at the index, off_value elsewhere, and everywhere if the index is outside
/// of 0 .. depth-1 (tf.one_hot). Throws TypeError unless indices are int32 or int64, or if a value is no integer and
/// dtype is; ValueError for a negative depth; IndexError for an axis outside.
Tensor one_hot(const Tensor& indices, Index depth, const OneHotOptions& options = {});

/// A new last axis of `maxlen` elements: true for the first lengths[...] of them (tf.sequence_mask). Without `maxlen`
/// (-1) it is the greatest length. In another dtype, ones and zeros. Throws TypeError unless lengths are int32 or
/// int64, ValueError for a maxlen below -1.
Tensor sequence_mask(const Tensor& lengths, Index maxlen = -1, DType dtype = bool_);

}  // namespace unroll
