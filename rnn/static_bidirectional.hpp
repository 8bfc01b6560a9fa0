#pragma once
// static_bidirectional_rnn: one cell forwards and one backwards over a list of steps.
#include "unroll/rnn/static_rnn.hpp"

namespace unroll {

/// As in StaticRnnOptions, but for one initial state for each direction.
struct StaticBidirectionalRnnOptions {
  Nest initial_state_fw = {};
  Nest initial_state_bw = {};
  std::optional<DType> dtype = {};
  Tensor sequence_length = {};
  std::string scope = "bidirectional_rnn";
  Executor executor = Executor::automatic;
};

struct StaticBidirectionalRnnResult {
  std::vector<Nest> outputs;  // one for each step: forwards and backwards joined along axis 1, leaf by leaf
  Nest state_fw;
  Nest state_bw;
};

/// tf.compat.v1.nn.static_bidirectional_rnn: bidirectional_dynamic_rnn for a list of steps, with joined outputs. They
/// are joined along axis 1, whatever their rank. Throws what static_rnn throws.
StaticBidirectionalRnnResult static_bidirectional_rnn(RNNCell& cell_fw, RNNCell& cell_bw,
                                                      const std::vector<Nest>& inputs,
                                                      const StaticBidirectionalRnnOptions& options = {});

}  // namespace unroll
