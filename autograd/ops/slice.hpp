#pragma once
// Parts of tensors, of all dtypes. Cuts along axis 0 are views; others are copied. The gradient of a part is added into
// its place in the gradient of the whole: taking a sequence apart step by step costs as much as its steps.
#include <optional>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Elements first .. last-1 along axis 0, as a view. Throws IndexError unless 0 <= first <= last <= dimension.
Tensor slice_rows(const Tensor& x, Index first, Index last);
/// x[index], one element along axis 0, without that axis, as a view. Negative counts from the end. Throws IndexError
/// outside.
Tensor row(const Tensor& x, Index index);
/// Elements first .. last-1 along any axis. Throws IndexError as slice_rows does, or for an axis outside.
Tensor slice_axis(const Tensor& x, int axis, Index first, Index last);

/// size[k] elements from begin[k] on, along each axis k; a size of -1 goes to the end (tf.slice). Throws ValueError
/// unless there is one of each for each axis, IndexError if they reach outside.
Tensor slice(const Tensor& x, IndexList begin, IndexList size);

/// begin:end:step along one axis, with the meaning of Python and NumPy: negative positions count from the end, what is
/// outside is cut off, what is left out reaches as far as it can. `{}` is the whole axis, `{.step = -1}` reverses it.
struct Slice {
  std::optional<Index> begin = {}, end = {};
  Index step = 1;
};
/// x[s0, s1, ...]; axes without a Slice are whole: `strided_slice(x, {{}, {1, -1}})` is NumPy's x[:, 1:-1]. Throws
/// ValueError for a step of 0 or more slices than axes.
Tensor strided_slice(const Tensor& x, std::span<const Slice> slices);
inline Tensor strided_slice(const Tensor& x, std::initializer_list<Slice> slices) {
  return strided_slice(x, std::span(slices.begin(), slices.size()));
}
/// As tf.strided_slice without masks. `strides` defaults to ones. Throws ValueError unless the lists are of equal
/// length.
Tensor strided_slice(const Tensor& x, IndexList begin, IndexList end, IndexList strides = {});

}  // namespace unroll
