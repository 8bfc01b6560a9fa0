#pragma once
// Copies between a contiguous tensor and a strided pattern in another: transposes, slices with steps, reversals and
// broadcasts are all this.
#include <array>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Places in a tensor: element (i, j, ...) of a block of `shape` is at offset + i * strides[0] + j * strides[1] + ...,
/// counted in elements. Strides may be 0 or negative.
struct StridedPattern {
  Shape shape;
  Index offset = 0;
  std::array<Index, Shape::max_rank> strides{};
};

/// The pattern of a whole row-major tensor.
StridedPattern contiguous_pattern(const Shape& shape);

/// Reads the pattern out of `source` into `block`, a tensor of pattern.shape and the same dtype.
void gather_strided(const Tensor& source, const StridedPattern& pattern, Tensor& block);
/// Writes `block` into the places of the pattern.
void scatter_strided(const Tensor& block, const StridedPattern& pattern, Tensor& target);
/// Adds `block` into the places of the pattern, in row-major order of the block. float32 and float64.
void add_strided(const Tensor& block, const StridedPattern& pattern, Tensor& target);

}  // namespace unroll
