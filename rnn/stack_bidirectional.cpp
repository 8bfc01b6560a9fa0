#include "unroll/rnn/stack_bidirectional.hpp"

#include "unroll/autograd/ops/concat.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "stack_bidirectional_dynamic_rnn";

void check(const Cells& fw, const Cells& bw, const StackBidirectionalDynamicRnnOptions& options) {
  if (fw.empty()) raise<ValueError>(who, "at least one fw cell is needed");
  if (bw.empty()) raise<ValueError>(who, "at least one bw cell is needed");
  if (fw.size() != bw.size())
    raise<ValueError>(who, "there are ", fw.size(), " fw cells and ", bw.size(), " bw cells, expected as many");
  for (const Cells* cells : {&fw, &bw})
    for (const auto& cell : *cells)
      if (!cell) raise<TypeError>(who, "a cell is null, expected an RNNCell");
  for (const auto* states : {&options.initial_states_fw, &options.initial_states_bw})
    if (!states->empty() && states->size() != fw.size())
      raise<ValueError>(who, "there are ", states->size(), " initial states for ", fw.size(), " layers");
}

}  // namespace

StackBidirectionalRnnResult stack_bidirectional_dynamic_rnn(const Cells& cells_fw, const Cells& cells_bw,
                                                            const Nest& inputs,
                                                            const StackBidirectionalDynamicRnnOptions& options) {
  check(cells_fw, cells_bw, options);
  VariableScope scope(options.scope);
  Nest x = inputs;
  std::vector<Nest> states_fw, states_bw;
  for (std::size_t layer = 0; layer < cells_fw.size(); ++layer) {
    VariableScope of_layer("cell_" + std::to_string(layer));
    auto state = [&](const std::vector<Nest>& all) { return all.empty() ? Nest() : all[layer]; };
    auto [outputs, states] = bidirectional_dynamic_rnn(*cells_fw[layer], *cells_bw[layer], x,
                                                       {.sequence_length = options.sequence_length,
                                                        .initial_state_fw = state(options.initial_states_fw),
                                                        .initial_state_bw = state(options.initial_states_bw),
                                                        .dtype = options.dtype,
                                                        .parallel_iterations = options.parallel_iterations,
                                                        .swap_memory = options.swap_memory,
                                                        .memory_limit = options.memory_limit,
                                                        .spill_directory = options.spill_directory,
                                                        .time_major = options.time_major,
                                                        .executor = options.executor});
    x = concat(outputs[0], outputs[1], 2);
    states_fw.push_back(states[0]);
    states_bw.push_back(states[1]);
  }
  return {x, Nest::tuple(std::move(states_fw)), Nest::tuple(std::move(states_bw))};
}

}  // namespace unroll
