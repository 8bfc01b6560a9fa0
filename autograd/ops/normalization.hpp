#pragma once
// Normalisation of activations.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and (biased) variance being those of each row along the
/// last axis (Ba et al. 2016; tf.keras.layers.LayerNormalization, whose epsilon is the default). x is (..., n), gamma
/// and beta are (n,). Throws TypeError for integers or different dtypes, ValueError for other shapes.
Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon = 1e-3);

}  // namespace unroll
