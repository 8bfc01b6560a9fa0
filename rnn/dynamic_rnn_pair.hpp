#pragma once
// Two sequences at once. For the sources of functions over sequences.
#include <array>

#include "unroll/rnn/dynamic_rnn.hpp"

namespace unroll {

/// Two calls of dynamic_rnn on the same inputs: side by side on threads of their own where both cells can be compiled,
/// else one after another. The results are the same.
std::array<DynamicRnnResult, 2> dynamic_rnn_pair(const std::array<RNNCell*, 2>& cells, const Nest& inputs,
                                                 const std::array<DynamicRnnOptions, 2>& options);

}  // namespace unroll
