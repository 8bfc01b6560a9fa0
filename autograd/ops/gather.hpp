#pragma once
// Elements picked by indices, and put back. Indices are int32 or int64 (TypeError); one outside of its range throws
// InvalidArgumentError, which names it. The gradient of what was picked touches only the places that were used, and
// adds up where one was used more than once.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// The parts of `params` at `indices` along an axis (tf.gather): shape params.shape[:axis] + indices.shape +
/// params.shape[axis+1:]. All dtypes of params. Throws IndexError for an axis outside.
Tensor gather(const Tensor& params, const Tensor& indices, int axis = 0);
/// The rows of a table: shape ids.shape + params.shape[1:] (tf.nn.embedding_lookup with one table). Throws ValueError
/// if params has rank 0.
Tensor embedding_lookup(const Tensor& params, const Tensor& ids);

/// Each vector of K numbers along the last axis of `indices` picks params[i0, ..., iK-1]: shape indices.shape[:-1] +
/// params.shape[K:] (tf.gather_nd). Throws ValueError if indices has rank 0 or K is more than params' rank.
Tensor gather_nd(const Tensor& params, const Tensor& indices);
/// The adjoint of gather_nd: zeros of `shape`, each slice of `updates` added where its vector in `indices` points to
/// (tf.scatter_nd); what is added to one place more than once adds up. Numbers (TypeError for bool). Throws ValueError
/// unless updates has shape indices.shape[:-1] + shape[K:].
Tensor scatter_nd(const Tensor& indices, const Tensor& updates, const Shape& shape);

/// The parts of x where `mask`, of dtype bool, is true (tf.boolean_mask). The mask covers the axes axis, axis+1, ...,
/// as many as its rank, and these become one, as long as there are true elements. Throws TypeError for another dtype,
/// ValueError if its rank is 0 or its shape is not that of the axes.
Tensor boolean_mask(const Tensor& x, const Tensor& mask, int axis = 0);

}  // namespace unroll
