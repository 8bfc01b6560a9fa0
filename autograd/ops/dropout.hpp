#pragma once
// Dropout: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
#include <optional>

#include "unroll/core/tensor.hpp"

namespace unroll {

struct DropoutOptions {
  /// Where the mask comes from, as in core/random.hpp: element i of the mask depends on seed, stream and offset + i
  /// alone, not on the dtype. Without a seed each call takes the next stream of the global generator.
  std::optional<std::uint64_t> seed{};
  std::uint64_t stream = 0;
  std::uint64_t offset = 0;
  /// The mask's shape, which is broadcast to that of x: a 1 drops along that dimension together. Default: x's shape.
  std::optional<Shape> noise_shape{};
};

/// Each element becomes 0 with probability `rate`, else x / (1 - rate) (tf.nn.dropout). A NaN that is dropped becomes 0
/// too. The mask is computed again in the backward pass, never stored. Rate 0 returns x. Throws ValueError unless
/// 0 <= rate < 1 and noise_shape can be broadcast to x's shape, TypeError unless x is float32 or float64.
Tensor dropout(const Tensor& x, double rate, const DropoutOptions& options = {});

}  // namespace unroll
