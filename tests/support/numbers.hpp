#pragma once
// Values for tests.
#include <cmath>
#include <vector>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Numbers of either sign, all different in a tensor of up to 23 elements, different for each seed.
inline Tensor numbers(const Shape& shape, int seed, DType dtype = float64) {
  std::vector<double> values;
  for (Index i = 0; i < shape.size(); ++i)
    values.push_back(0.125 * static_cast<double>((i * 37 + seed * 11) % 23 - 9) + 0.01 * static_cast<double>(i));
  return Tensor(Tensor(shape, values), dtype);
}

/// The largest |a - b| / max(1, |b|); infinite if the shapes or dtypes differ, or where only one is NaN.
inline double difference(const Tensor& a, const Tensor& b) {
  if (a.spec() != b.spec()) return INFINITY;
  Tensor x(a, float64), y(b, float64);
  double worst = 0;
  for (Index i = 0; i < x.size(); ++i) {
    double p = x.data<double>()[i], q = y.data<double>()[i];
    if (p == q || (std::isnan(p) && std::isnan(q))) continue;
    double d = std::abs(p - q) / std::max(1.0, std::abs(q));
    worst = d <= INFINITY ? std::max(worst, d) : INFINITY;
  }
  return worst;
}

}  // namespace unroll
