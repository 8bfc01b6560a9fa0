#pragma once
// A checked call of an unrolling function: what an executor gets.
#include "unroll/cells/rnn_cell.hpp"
#include "unroll/core/random.hpp"
#include "unroll/rnn/lengths.hpp"
#include "unroll/rnn/memory/options.hpp"

namespace unroll {

inline constexpr int default_parallel_iterations = 32;

/// A sequence, and the cell that goes over it.
struct Sequence {
  RNNCell& cell;
  Nest inputs;  // (time, batch, ...) if time_major, else (batch, time, ...); so are the outputs
  Nest initial_state;
  DType dtype;  // of the outputs
  Lengths lengths;
  Index time, batch;
  bool time_major;
  bool reverse = false;  // each row from its last step to its first
  int parallel_iterations = default_parallel_iterations;
  MemoryOptions memory = MemoryScope::current();
};

struct SequenceResult {
  Nest outputs;
  Nest state;
};

/// The executor that runs and records every step's ops, one after another. The reference for any other. `first_draws`:
/// of step 0, if that was taken before; or null.
SequenceResult run_eager(const Sequence& sequence, detail::DrawLog* first_draws = nullptr);

}  // namespace unroll
