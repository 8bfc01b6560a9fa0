#pragma once
// The choice between executors. For the sources of functions over sequences.
#include "unroll/rnn/executor.hpp"
#include "unroll/rnn/sequence.hpp"

namespace unroll {

/// Runs the sequence compiled where it can be, unless eager is asked for; begins the cell's sequence. Throws
/// RuntimeError, in the name of `who`, if `compiled` is asked for and the cell cannot be compiled.
SequenceResult run_sequence(std::string_view who, Sequence sequence, Executor executor);

}  // namespace unroll
