#pragma once

#include <cstdint>

namespace unroll::kernels {

/// Counts and strides, in elements. All kernels take raw pointers of any alignment and know nothing of tensors.
using Index = std::int64_t;

}  // namespace unroll::kernels
