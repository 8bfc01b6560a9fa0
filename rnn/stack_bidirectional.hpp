#pragma once
// stack_bidirectional_dynamic_rnn: layers of cells in both directions.
#include <memory>
#include <vector>

#include "unroll/rnn/bidirectional.hpp"

namespace unroll {

using Cells = std::vector<std::shared_ptr<RNNCell>>;

/// As in DynamicRnnOptions, but for one initial state for each layer and direction: empty lists, or one for each cell.
struct StackBidirectionalDynamicRnnOptions {
  std::vector<Nest> initial_states_fw = {};
  std::vector<Nest> initial_states_bw = {};
  std::optional<DType> dtype = {};
  Tensor sequence_length = {};
  int parallel_iterations = 32;
  bool time_major = false;
  bool swap_memory = false;
  std::size_t memory_limit = 0;  // of each layer's each direction
  std::string spill_directory = {};
  std::string scope = "stack_bidirectional_rnn";
  Executor executor = Executor::automatic;
};

struct StackBidirectionalRnnResult {
  Tensor outputs;  // of the last layer, forwards and backwards joined along the last axis
  Nest states_fw;  // a tuple, one for each layer
  Nest states_bw;
};

/// tf.contrib.rnn.stack_bidirectional_dynamic_rnn: layers of bidirectional_dynamic_rnn, each reading the joined outputs
/// of the one before. Variables are in stack_bidirectional_rnn/cell_0/bidirectional_rnn/fw and so on. Throws ValueError
/// if there is no cell, if the lists of cells differ in length, or if there are initial states for some layers only;
/// TypeError for a null cell; and what bidirectional_dynamic_rnn throws.
StackBidirectionalRnnResult stack_bidirectional_dynamic_rnn(const Cells& cells_fw, const Cells& cells_bw,
                                                            const Nest& inputs,
                                                            const StackBidirectionalDynamicRnnOptions& options = {});

}  // namespace unroll
