#include "unroll/rnn/static_state_saving.hpp"

namespace unroll {

StaticRnnResult static_state_saving_rnn(RNNCell& cell, const std::vector<Nest>& inputs, StateSaver& state_saver,
                                        const NameNest& state_name, const StaticStateSavingRnnOptions& options) {
  SizeNest sizes = cell.state_size();
  std::vector<std::string> names = state_name.flatten();
  if (state_name.is_leaf() != sizes.is_leaf() || names.size() != sizes.leaf_count())
    raise<ValueError>("static_state_saving_rnn", "state_name has the structure ", state_name.structure(),
                      ", the state of the cell ", sizes.structure());
  std::vector<Tensor> states;
  for (const std::string& name : names) states.push_back(state_saver.state(name));
  StaticRnnResult result = static_rnn(cell, inputs,
                                      {.initial_state = sizes.pack(states),
                                       .sequence_length = options.sequence_length,
                                       .scope = options.scope,
                                       .executor = options.executor});
  std::vector<Tensor> last = result.state.flatten();
  for (std::size_t k = 0; k < names.size(); ++k) state_saver.save_state(names[k], last[k]);
  return result;
}

}  // namespace unroll
