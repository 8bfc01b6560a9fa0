#pragma once
// static_rnn: a cell over a list of steps.
#include <optional>
#include <vector>

#include "unroll/cells/rnn_cell.hpp"
#include "unroll/rnn/executor.hpp"

namespace unroll {

struct StaticRnnOptions {
  Nest initial_state = {};          // as in DynamicRnnOptions
  std::optional<DType> dtype = {};  // required without initial_state
  Tensor sequence_length = {};      // as in DynamicRnnOptions
  bool time_reversed = false;       // as in DynamicRnnOptions
  std::string scope = "rnn";
  Executor executor = Executor::automatic;  // as in DynamicRnnOptions
};

struct StaticRnnResult {
  std::vector<Nest> outputs;  // one for each step, in the structure of cell.output_size()
  Nest state;
};

/// tf.compat.v1.nn.static_rnn: dynamic_rnn for inputs that are a list of steps, tensors (batch, ...) or structures of
/// them, and with a list of outputs. The meaning is the same: rows end at their length, and steps beyond the longest
/// row are not computed.
///
/// Throws ValueError for an empty list, steps that differ in structure or shape, a dict as a step (TensorFlow has
/// them in dynamic_rnn alone), and if neither dtype nor initial_state is given; else what dynamic_rnn throws.
StaticRnnResult static_rnn(RNNCell& cell, const std::vector<Nest>& inputs, const StaticRnnOptions& options = {});

}  // namespace unroll
