#pragma once
// dynamic_rnn: a cell over a sequence.
#include <optional>

#include "unroll/cells/rnn_cell.hpp"
#include "unroll/rnn/executor.hpp"

namespace unroll {

struct DynamicRnnOptions {
  /// int32 or int64, shape (batch,): how many steps each row has, 0 to max_time. Past a row's end its outputs are zero
  /// and its state is copied through, so that `state` holds the last valid state of each row. Without it every row has
  /// max_time steps. What stands in the inputs past a row's end is never looked at: NaN there reaches neither results
  /// nor gradients. (TensorFlow takes negative lengths and lengths beyond max_time silently; here they are errors.)
  Tensor sequence_length = {};
  /// The first state, in the structure of cell.state_size(), tensors of shape (batch,) + size. Without it the cell's
  /// zero_state is used, and `dtype` is required.
  Nest initial_state = {};
  /// Of the initial state and of the outputs. Required if there is no initial_state, or if the state's tensors are of
  /// different dtypes.
  std::optional<DType> dtype = {};
  /// How many time steps are worked on together where they do not depend on one another (products with the inputs,
  /// gradients of weights, layers of a stack on different threads), and held in the working memory for that: so many
  /// for 16 rows, fewer for more rows, and up to four times as many for fewer. Trades memory for time and never changes
  /// a bit of a result. 0 means the default. The eager executor takes steps one by one.
  int parallel_iterations = 32;
  /// Whether only some of what the backward pass needs is held in memory, and the rest computed again when its turn
  /// comes. Never changes a bit of results and gradients. Without a memory_limit as little is held as is possible if no
  /// step is computed more than twice: square-root spacing, for T steps as much as about 2 sqrt(T) of them. Where the
  /// cell runs eagerly it is called again in the backward pass: it has to live until then, and to be a function of its
  /// inputs, its state and its variables. False: what the MemoryScope around the call says.
  bool swap_memory = false;
  /// How many bytes may be held for the backward pass of this call, beside inputs and outputs; 0: no limit. Needs
  /// swap_memory. The window of parallel_iterations shrinks for it, down to one step. The placement with the least
  /// computing is chosen; a low limit costs time, never precision.
  std::size_t memory_limit = 0;
  /// Where a file may be made, by swap_memory: what backward needs is then written while forward goes on and read ahead
  /// in backward, by a thread of its own, or some of it computed again where that is predicted to be faster. The file
  /// has no name, so that nothing is left behind. Empty: no file. The eager executor makes none.
  std::string spill_directory = {};
  /// Inputs and outputs are (max_time, batch, ...) instead of (batch, max_time, ...). A bit faster, as it saves their
  /// transposition.
  bool time_major = false;
  /// The cell reads each row from its last step (of sequence_length) to its first, and outputs stand at the step that
  /// was read: what TensorFlow's TimeReversedFusedRNN does, and the backward direction of bidirectional_dynamic_rnn.
  bool time_reversed = false;
  /// The variable scope in which the cell creates its variables: "rnn/lstm_cell/kernel".
  std::string scope = "rnn";
  /// Who runs the steps. The compiled executor traces the cell's `call` once and runs it fused, packed and threaded:
  /// the same results up to rounding, much faster. It needs a `call` that is a pure function made of the library's ops;
  /// whatever else a cell does, it runs eagerly (explain() says why).
  Executor executor = Executor::automatic;
};

struct DynamicRnnResult {
  /// A tensor (batch, max_time) + output_size, or (max_time, batch) + output_size if time_major; if cell.output_size()
  /// is a structure, that structure of such tensors.
  Nest outputs;
  /// The state after each row's last step, in the structure of cell.state_size(): for a MultiRNNCell of LSTMCells a
  /// tuple of LSTMStateTuples.
  Nest state;
};

/// Unrolls `cell` over `inputs`, as tf.compat.v1.nn.dynamic_rnn does. Differentiable with respect to inputs, initial
/// state and variables.
///
///     BasicRNNCell rnn_cell(hidden_size);
///     auto [outputs, state] = dynamic_rnn(rnn_cell, x, {.dtype = float32});
///
/// `inputs` is a tensor (batch, max_time, ...), or (max_time, batch, ...) if time_major, or a structure of tensors that
/// agree in these two dimensions; further ones and their number may differ. At each step the cell gets the same
/// structure without the time dimension. A cell that was used before keeps its variables. max_time = 0 and batch = 0
/// work; steps beyond the longest row are not computed.
///
/// The gradients may throw IOError and DataLossError where something was spilled; with swap_memory, of a cell that runs
/// eagerly, RuntimeError if the cell is gone or a step gives something else than it gave before, and the call itself
/// RuntimeError if the cell keeps tensors between steps otherwise than in its state.
///
/// Throws ValueError if inputs are missing or empty, have a rank below 3, or differ in batch or time; if neither dtype
/// nor initial_state is given; if sequence_length is not of shape (batch,); if the cell returns another structure or
/// shape than it declares. TypeError if sequence_length is not int32 or int64, parallel_iterations is negative, or a
/// structure or dtype is of another kind than the cell's. InvalidArgumentError for a length that is negative or above
/// max_time. ValueError for a memory_limit or spill_directory without swap_memory; ResourceExhaustedError for a limit
/// that is too low, which names the least that works. (That `cell` is an RNNCell, TensorFlow's TypeError, is checked by
/// the compiler.)
/// With Executor::compiled also RuntimeError, if the cell cannot be compiled: why it cannot.
DynamicRnnResult dynamic_rnn(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options = {});

/// Says which executor dynamic_rnn would choose for this call and why and, if it is the compiled one, prints the step
/// program: what runs for all steps at once and what in the loop, the buffers, what is kept for the gradients
/// and, under a tape, where that is kept, the time predicted and that of the last call.
std::string explain(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options = {});

}  // namespace unroll
