#pragma once
// Layer normalisation within a cell.
#include "unroll/autograd/ops/normalization.hpp"
#include "unroll/autograd/variable.hpp"

namespace unroll {

/// gamma and beta of one normalised tensor. epsilon is that of tf.contrib.layers.layer_norm.
struct NormVariables {
  Variable gamma, beta;
  Tensor operator()(const Tensor& x) const { return layer_norm(x, gamma, beta, 1e-12); }
};

}  // namespace unroll
