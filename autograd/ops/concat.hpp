#pragma once
// Joining tensors and taking them apart, for all dtypes. Negative axes count from the end; axes outside throw
// IndexError.
#include <array>
#include <vector>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Tensors side by side along an existing axis (tf.concat). Throws ValueError for no tensors or shapes that differ
/// elsewhere, TypeError for different dtypes.
Tensor concat(std::span<const Tensor> values, int axis);
inline Tensor concat(std::initializer_list<Tensor> values, int axis) {
  return concat(std::span(values.begin(), values.size()), axis);
}
/// The same for two, without an array around them.
Tensor concat(const Tensor& a, const Tensor& b, int axis);

/// `parts` equal parts along an axis (tf.split); views if the axis is 0. Throws ValueError unless they come out even.
std::vector<Tensor> split(const Tensor& x, Index parts, int axis);
/// Parts of the given sizes; one may be -1 and takes what is left. Throws ValueError unless they add up.
std::vector<Tensor> split(const Tensor& x, IndexList sizes, int axis);
inline std::vector<Tensor> split(const Tensor& x, std::initializer_list<Index> sizes, int axis) {
  return split(x, IndexList(sizes), axis);
}
/// `N` equal parts by name, without an array on the heap: `auto [i, j, f, o] = split<4>(gates, 1);`
template <std::size_t N>
requires(N > 0) std::array<Tensor, N> split(const Tensor& x, int axis);

/// Tensors of one shape along a new axis: stack({a, b}, 1)[i][0] is a[i] (tf.stack). Throws ValueError for no tensors
/// or different shapes, TypeError for different dtypes.
Tensor stack(std::span<const Tensor> values, int axis = 0);
inline Tensor stack(std::initializer_list<Tensor> values, int axis = 0) {
  return stack(std::span(values.begin(), values.size()), axis);
}
/// All elements along an axis, without that axis (tf.unstack); views if the axis is 0. Throws ValueError for rank 0.
std::vector<Tensor> unstack(const Tensor& x, int axis = 0);

namespace detail {
void split(const Tensor& x, std::span<Tensor> parts, int axis);
}

template <std::size_t N>
requires(N > 0) std::array<Tensor, N> split(const Tensor& x, int axis) {
  std::array<Tensor, N> parts;
  detail::split(x, parts, axis);
  return parts;
}

}  // namespace unroll
