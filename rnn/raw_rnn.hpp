#pragma once
// raw_rnn: a cell in a loop of the caller's own.
#include <functional>

#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

/// What a loop function says after a step, or before the first.
struct RawRnnLoop {
  Tensor finished;       // bool (batch,): the rows that take no further step
  Nest next_input;       // what the cell gets next, tensors (batch, ...); at the end anything of that shape
  Nest next_cell_state;  // what it goes on from: the initial state in the first call
  Nest emit_output;      // of this step; in the first call a template, see below; may be None
  Nest next_loop_state;  // handed to the next call; None keeps the old one
};

/// Called with time 0 and None for everything else before the first step, then after step time - 1 with the cell's
/// output and new state.
using RawRnnLoopFunction =
    std::function<RawRnnLoop(Index time, const Nest& cell_output, const Nest& cell_state, const Nest& loop_state)>;

struct RawRnnOptions {
  int parallel_iterations = 32;  // accepted; the loop function is called step by step
  bool swap_memory = false;      // accepted
  std::string scope = "rnn";
};

struct RawRnnResult {
  Nest outputs;     // what was emitted, (steps, batch, ...)
  Nest state;       // the last state of each row
  Nest loop_state;  // None if there was none
};

/// tf.compat.v1.nn.raw_rnn: steps of `cell` until `loop_fn` says that all rows are finished. In each step
///
///     output, state' = cell(input, state)
///     loop = loop_fn(time + 1, output, state', loop state)
///     emitted = 0 for the rows that were finished before, else loop.emit_output
///     state   = the old one for the rows that were finished before, else loop.next_cell_state
///
/// so what a row emits in the step that finishes it is kept. A finished row stays finished. Tensors of rank 0 are not
/// held back. The emit_output of the first call gives structure, shapes without the batch, and dtypes of what is
/// emitted; None stands for the cell's output_size and the dtype of its state. If all rows are finished at once, no
/// step is taken. A loop function that never finishes loops forever.
///
/// Throws TypeError if loop_fn is null, if `finished` is not bool, or if a structure or dtype is of another kind than
/// in the first call; ValueError for other shapes or structures than in the first call, or for an initial state that is
/// not as the cell's state_size; TypeError for a negative parallel_iterations.
RawRnnResult raw_rnn(RNNCell& cell, const RawRnnLoopFunction& loop_fn, const RawRnnOptions& options = {});

}  // namespace unroll
