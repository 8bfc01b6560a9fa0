#pragma once
// Orders of the time axis. For the sources of functions over sequences.
#include "unroll/core/nest.hpp"

namespace unroll {

/// (batch, time, ...) <-> (time, batch, ...)
Tensor swap_batch_and_time(const Tensor& x);
/// Steps in reverse order: within each row's length if lengths are given, padding staying behind, else all of them. x
/// is (time, batch, ...) if time_major, else (batch, time, ...). Throws what reverse_sequence throws.
Tensor reverse_time(const Tensor& x, const Tensor& sequence_length, bool time_major = true);
/// Whether a nest is there at all, and not None.
inline bool is_given(const Nest& nest) { return !nest.is_leaf() || nest.leaf().defined(); }

}  // namespace unroll
