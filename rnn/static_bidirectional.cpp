#include "unroll/rnn/static_bidirectional.hpp"

#include "unroll/autograd/ops/concat.hpp"

namespace unroll {

StaticBidirectionalRnnResult static_bidirectional_rnn(RNNCell& cell_fw, RNNCell& cell_bw,
                                                      const std::vector<Nest>& inputs,
                                                      const StaticBidirectionalRnnOptions& options) {
  StaticRnnOptions direction{.initial_state = options.initial_state_fw,
                             .dtype = options.dtype,
                             .sequence_length = options.sequence_length,
                             .scope = "fw",
                             .executor = options.executor};
  VariableScope scope(options.scope);
  StaticRnnResult fw = static_rnn(cell_fw, inputs, direction);
  direction.initial_state = options.initial_state_bw;
  direction.time_reversed = true;
  direction.scope = "bw";
  StaticRnnResult bw = static_rnn(cell_bw, inputs, direction);

  std::vector<Nest> outputs;
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    fw.outputs[t].assert_same_structure("static_bidirectional_rnn", "the outputs of cell_fw", bw.outputs[t]);
    std::vector<Tensor> backwards = bw.outputs[t].flatten();
    std::size_t k = 0;
    outputs.push_back(fw.outputs[t].map([&](const Tensor& y) { return concat(y, backwards[k++], 1); }));
  }
  return {std::move(outputs), fw.state, bw.state};
}

}  // namespace unroll
