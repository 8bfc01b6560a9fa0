#pragma once
// Clipping: keeps gradients from becoming too large. Null tensors (missing gradients) stay null. All are
// differentiable; sums are taken in a fixed order. A `clip_norm` that is negative or not finite throws ValueError, an
// integer tensor TypeError.
#include <vector>

#include "unroll/autograd/ops/selection.hpp"

namespace unroll {

/// The square root of the sum of the squares of all elements of all tensors, of rank 0 (tf.linalg.global_norm). Throws
/// ValueError if there is no tensor, TypeError if the dtypes differ. The gradient is 0 where the norm is.
Tensor global_norm(const std::vector<Tensor>& tensors);

struct ClippedByGlobalNorm {
  std::vector<Tensor> tensors;
  /// Before clipping.
  Tensor global_norm;
};

/// Multiplies all tensors by clip_norm / max(global norm, clip_norm) (tf.clip_by_global_norm; Pascanu et al. 2012):
///
///     auto [clipped, norm] = clip_by_global_norm(tape.gradient(loss, variables), 5.0);
///     adam.apply_gradients(clipped, variables);
///
/// If the norm is infinite or NaN all elements become NaN. Elements are changed in place if they are in nobody else's
/// hands: std::move a list that is kept in a variable. `use_norm`, of rank 0, is taken for the global norm if it is
/// known already. Throws as global_norm does, ValueError or TypeError if `use_norm` does not fit.
ClippedByGlobalNorm clip_by_global_norm(std::vector<Tensor> tensors, double clip_norm, const Tensor& use_norm = {});

/// x * clip_norm / max(norm, clip_norm) where norm is the Euclidean norm over `axes` (all if there are none), or of
/// each tensor in a list by itself (tf.clip_by_norm). If a norm is infinite its finite elements become 0 and the others
/// NaN. Throws IndexError for an axis outside of x's rank.
Tensor clip_by_norm(const Tensor& x, double clip_norm, IndexList axes = {});
std::vector<Tensor> clip_by_norm(const std::vector<Tensor>& tensors, double clip_norm);

/// The same where norm is the Euclidean norm of all elements divided by their number (tf.clip_by_average_norm).
Tensor clip_by_average_norm(const Tensor& x, double clip_norm);
std::vector<Tensor> clip_by_average_norm(const std::vector<Tensor>& tensors, double clip_norm);

/// Each tensor clipped as clip_by_value of a single one does.
std::vector<Tensor> clip_by_value(const std::vector<Tensor>& tensors, double min, double max);

}  // namespace unroll
