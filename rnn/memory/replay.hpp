#pragma once
// The eager executor with some of the steps' records only: states are held at checkpoints, and the steps between them
// are taken again in the backward pass. For the sources of functions over sequences.
#include "unroll/rnn/sequence.hpp"

namespace unroll {

/// As run_eager, with the same bits, for sequence.memory. What a step keeps is measured at the first one; there is no
/// file. The gradients call the cell again, which has to live until then, and throw RuntimeError if it has not, or if a
/// step does not give what it gave before: a cell that has side effects, a variable that was assigned to meanwhile.
/// Throws ResourceExhaustedError for a limit that is too low, or while several tapes are open.
SequenceResult run_replayed(const Sequence& sequence);

}  // namespace unroll
