#pragma once
// Random test data: float64, no two alike.
#include "unroll/core/random.hpp"
#include "unroll/core/tensor.hpp"

namespace testing {

/// Normal numbers times `scale`; another `stream` gives others.
inline unroll::Tensor random_tensor(const unroll::Shape& shape, std::uint64_t stream, double scale = 1,
                                    unroll::DType dtype = unroll::float64) {
  return unroll::random_normal(shape, {.mean = 0, .stddev = scale, .seed = 20, .stream = stream}, dtype);
}

}  // namespace testing
