#include "unroll/rnn/bidirectional.hpp"

namespace unroll {

BidirectionalRnnResult bidirectional_dynamic_rnn(RNNCell& cell_fw, RNNCell& cell_bw, const Nest& inputs,
                                                 const BidirectionalDynamicRnnOptions& options) {
  for (const RNNCell* cell : {&cell_fw, &cell_bw})
    if (!cell->output_size().is_leaf())
      raise<TypeError>("bidirectional_dynamic_rnn", "the outputs of ", cell->class_name(), " are a structure ",
                       cell->output_size().structure(), ", expected one tensor");
  DynamicRnnOptions direction{.sequence_length = options.sequence_length,
                              .initial_state = options.initial_state_fw,
                              .dtype = options.dtype,
                              .parallel_iterations = options.parallel_iterations,
                              .swap_memory = options.swap_memory,
                              .time_major = options.time_major,
                              .scope = "fw",
                              .executor = options.executor};
  VariableScope scope(options.scope);
  DynamicRnnResult fw = dynamic_rnn(cell_fw, inputs, direction);
  direction.initial_state = options.initial_state_bw;
  direction.time_reversed = true;
  direction.scope = "bw";
  DynamicRnnResult bw = dynamic_rnn(cell_bw, inputs, direction);
  return {Nest::tuple({fw.outputs, bw.outputs}), Nest::tuple({fw.state, bw.state})};
}

}  // namespace unroll
