#pragma once
// The state that a sequence begins with. For the sources of functions over sequences.
#include <optional>
#include <utility>

#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

/// `given`, or the cell's zero_state of `dtype` if it is None; and the dtype of outputs: `dtype`, or that of the state.
/// Throws, in the name of `who`, ValueError if neither is given, if a shape is not the cell's, or if no dtype is given
/// and the state has several or no tensors; what assert_same_structure throws for another structure than the cell's.
std::pair<Nest, DType> checked_initial_state(std::string_view who, const RNNCell& cell, const Nest& given,
                                             std::optional<DType> dtype, Index batch);

}  // namespace unroll
