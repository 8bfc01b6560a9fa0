#pragma once
// How orthogonal a matrix is.
#include <algorithm>
#include <cmath>

#include "unroll/core/tensor.hpp"

namespace testing {

/// The largest deviation of the Gram matrix of the flattened matrix (of its shorter side) from `diagonal` times one.
inline double gram_error(const unroll::Tensor& q, double diagonal) {
  unroll::Index width = q.shape(-1), height = q.size() / width;
  const double* x = q.data<double>();
  auto at = [&](unroll::Index i, unroll::Index k) { return width <= height ? x[i * width + k] : x[k * width + i]; };
  unroll::Index count = std::min(width, height), length = std::max(width, height);
  double worst = 0;
  for (unroll::Index k = 0; k < count; ++k)
    for (unroll::Index l = 0; l < count; ++l) {
      double sum = k == l ? -diagonal : 0;
      for (unroll::Index i = 0; i < length; ++i) sum += at(i, k) * at(i, l);
      worst = std::max(worst, std::abs(sum));
    }
  return worst;
}

}  // namespace testing
