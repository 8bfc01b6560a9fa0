#pragma once
// Tensors made larger: by a border, or by repetition. All dtypes.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// Elements to add before and after those along one axis.
struct Padding {
  Index before = 0, after = 0;
};
/// What a border is filled with: one value; the elements mirrored at the outermost one, [1 2 3] -> [3 2 1 2 3 2 1]; or
/// mirrored beyond it, [1 2 3] -> [2 1 1 2 3 3 2].
enum class PadMode { constant, reflect, symmetric };
struct PadOptions {
  PadMode mode = PadMode::constant;
  double constant_values = 0;
};
/// x with a border, one Padding for each axis (tf.pad): `pad(x, {{1, 1}, {0, 2}})`. Throws ValueError unless there is
/// one for each axis, none is negative, and a mirrored border is no larger than what it mirrors; TypeError if the
/// value is no integer and x's dtype is.
Tensor pad(const Tensor& x, std::span<const Padding> paddings, const PadOptions& options = {});
inline Tensor pad(const Tensor& x, std::initializer_list<Padding> paddings, const PadOptions& options = {}) {
  return pad(x, std::span(paddings.begin(), paddings.size()), options);
}

/// x repeated multiples[k] times along each axis k, one copy after the other (tf.tile). Throws ValueError unless there
/// is a multiple for each axis and none is negative.
Tensor tile(const Tensor& x, IndexList multiples);

}  // namespace unroll
