#pragma once
// Reductions over axes. Common to all: `axes` lists the axes to go over, all of them if it is empty; negative ones
// count from the end. The result is without them, or with `keepdims` has 1 in their place. An axis outside throws
// IndexError, one named twice ValueError, a dtype that a function is not for TypeError. The order of the additions is
// fixed.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// Sum; 0 for no elements. All dtypes but bool.
Tensor reduce_sum(const Tensor& x, IndexList axes = {}, bool keepdims = false);
/// Sum divided by the number of elements; NaN for no elements. float32 and float64.
Tensor reduce_mean(const Tensor& x, IndexList axes = {}, bool keepdims = false);
/// Product; 1 for no elements. All dtypes but bool. The gradient is right for zeros, too.
Tensor reduce_prod(const Tensor& x, IndexList axes = {}, bool keepdims = false);

/// The largest and the smallest element, NaN if there is one. All dtypes but bool. Throws ValueError for no elements.
/// The gradient is split evenly among equal ones.
Tensor reduce_max(const Tensor& x, IndexList axes = {}, bool keepdims = false);
Tensor reduce_min(const Tensor& x, IndexList axes = {}, bool keepdims = false);

/// log(sum(exp(x))), without overflow; -infinity for no elements. float32 and float64.
Tensor reduce_logsumexp(const Tensor& x, IndexList axes = {}, bool keepdims = false);

/// Whether all, or any, elements of a bool tensor are true; of no elements all are, and none is. No gradient.
Tensor reduce_all(const Tensor& x, IndexList axes = {}, bool keepdims = false);
Tensor reduce_any(const Tensor& x, IndexList axes = {}, bool keepdims = false);

}  // namespace unroll
