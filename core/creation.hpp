#pragma once
// New tensors with given contents, as NumPy makes them.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// All elements 0 (false), 1 (true), or `value`.
Tensor zeros(const Shape& shape, DType dtype = float32);
Tensor ones(const Shape& shape, DType dtype = float32);
Tensor full(const Shape& shape, double value, DType dtype = float32);
Tensor zeros_like(const Tensor& tensor);
Tensor ones_like(const Tensor& tensor);

/// start, start + step, ... while below `stop` (above it for a negative step): max(0, ceil((stop - start) / step))
/// elements. Throws ValueError if step is 0 or anything is not finite.
Tensor arange(double start, double stop, double step = 1, DType dtype = int64);
inline Tensor arange(double stop, DType dtype = int64) { return arange(0, stop, 1, dtype); }
/// `count` evenly spaced numbers from start to stop, both included. Throws ValueError for a negative count.
Tensor linspace(double start, double stop, Index count, DType dtype = float32);
/// Ones on the diagonal. `columns` defaults to `rows`.
Tensor eye(Index rows, Index columns = -1, DType dtype = float32);

}  // namespace unroll
