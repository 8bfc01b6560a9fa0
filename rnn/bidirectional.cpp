#include "unroll/rnn/bidirectional.hpp"

#include "unroll/rnn/dynamic_rnn_pair.hpp"

namespace unroll {

BidirectionalRnnResult bidirectional_dynamic_rnn(RNNCell& cell_fw, RNNCell& cell_bw, const Nest& inputs,
                                                 const BidirectionalDynamicRnnOptions& options) {
  for (const RNNCell* cell : {&cell_fw, &cell_bw})
    if (!cell->output_size().is_leaf())
      raise<TypeError>("bidirectional_dynamic_rnn", "the outputs of ", cell->class_name(), " are a structure ",
                       cell->output_size().structure(), ", expected one tensor");
  DynamicRnnOptions forwards{.sequence_length = options.sequence_length,
                             .initial_state = options.initial_state_fw,
                             .dtype = options.dtype,
                             .parallel_iterations = options.parallel_iterations,
                             .swap_memory = options.swap_memory,
                             .memory_limit = options.memory_limit,
                             .spill_directory = options.spill_directory,
                             .time_major = options.time_major,
                             .scope = "fw",
                             .executor = options.executor};
  DynamicRnnOptions backwards = forwards;
  backwards.initial_state = options.initial_state_bw;
  backwards.time_reversed = true;
  backwards.scope = "bw";
  VariableScope scope(options.scope);
  auto [fw, bw] = dynamic_rnn_pair({&cell_fw, &cell_bw}, inputs, {forwards, backwards});
  return {Nest::tuple({fw.outputs, bw.outputs}), Nest::tuple({fw.state, bw.state})};
}

}  // namespace unroll
