#pragma once
// bidirectional_dynamic_rnn: one cell forwards and one backwards.
#include "unroll/rnn/dynamic_rnn.hpp"

namespace unroll {

/// As in DynamicRnnOptions, but for one initial state for each direction.
struct BidirectionalDynamicRnnOptions {
  Tensor sequence_length = {};
  Nest initial_state_fw = {};
  Nest initial_state_bw = {};
  std::optional<DType> dtype = {};
  int parallel_iterations = 32;
  bool swap_memory = false;
  std::size_t memory_limit = 0;  // of each direction
  std::string spill_directory = {};
  bool time_major = false;
  std::string scope = "bidirectional_rnn";
  Executor executor = Executor::automatic;
};

struct BidirectionalRnnResult {
  Nest outputs;  // (forwards, backwards)
  Nest states;   // (forwards, backwards)
};

/// tf.compat.v1.nn.bidirectional_dynamic_rnn (Schuster and Paliwal 1997): `cell_fw` over the inputs in order and
/// `cell_bw` over them in reverse, each row within its length.
///
///     auto [outputs, states] = bidirectional_dynamic_rnn(forwards, backwards, x, {.dtype = float32});
///     Tensor joined = concat(outputs[0], outputs[1], 2);
///
/// Outputs are not joined. The backward output at step t comes from reading the last step down to t; its state from
/// reading all down to step 0. Inputs and states may be structures; the output of each cell is one tensor. Variables
/// are in the scopes bidirectional_rnn/fw and bidirectional_rnn/bw; nothing is shared, unless one cell is given twice.
/// Throws what dynamic_rnn throws, and TypeError if the output_size of a cell is a structure.
BidirectionalRnnResult bidirectional_dynamic_rnn(RNNCell& cell_fw, RNNCell& cell_bw, const Nest& inputs,
                                                 const BidirectionalDynamicRnnOptions& options = {});

}  // namespace unroll
