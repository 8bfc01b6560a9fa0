#include "unroll/rnn/static_rnn.hpp"

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/rnn/initial_state.hpp"
#include "unroll/rnn/run_sequence.hpp"
#include "unroll/rnn/time.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "static_rnn";

// All steps as one structure of tensors (time, batch, ...).
Nest stacked(const std::vector<Nest>& steps) {
  if (steps.empty()) raise<ValueError>(who, "inputs must not be empty");
  for (const Nest* first = &steps[0]; !first->is_leaf(); first = &(*first)[0]) {
    if (first->kind() == NestKind::dict) raise<ValueError>(who, "a step of the inputs is a dict: use dynamic_rnn");
    if (first->size() == 0) raise<ValueError>(who, "a step of the inputs is empty");
  }
  std::vector<std::vector<Tensor>> of_leaf(steps[0].leaf_count());
  for (const Nest& step : steps) {
    step.assert_same_structure(who, "a step of the inputs", steps[0]);
    std::size_t k = 0;
    step.for_each([&](const Tensor& x) {
      if (!x) raise<ValueError>(who, "a step of the inputs is None (a null Tensor)");
      of_leaf[k++].push_back(x);
    });
  }
  std::size_t k = 0;
  return steps[0].map([&](const Tensor&) { return stack(of_leaf[k++], 0); });
}

}  // namespace

StaticRnnResult static_rnn(RNNCell& cell, const std::vector<Nest>& inputs, const StaticRnnOptions& options) {
  Nest time_major = stacked(inputs);
  std::vector<Tensor> leaves = time_major.flatten();
  Index time = static_cast<Index>(inputs.size());
  for (const Tensor& x : leaves)
    if (x.rank() < 2 || x.shape(1) != leaves[0].shape(1))
      raise<ValueError>(who, "a step has inputs of shapes ", leaves[0].shape().slice(1), " and ", x.shape().slice(1),
                        ", expected one batch size");
  Index batch = leaves[0].shape(1);
  Lengths lengths(who, options.sequence_length, batch, time);
  auto [state, dtype] = checked_initial_state(who, cell, options.initial_state, options.dtype, batch);

  auto reversed = [&](const Tensor& x) { return reverse_time(x, options.sequence_length); };
  if (options.time_reversed) time_major = time_major.map(reversed);
  VariableScope scope(options.scope);
  cell.build(specs(inputs[0]));
  SequenceResult result =
      run_sequence(who, {cell, time_major, state, dtype, std::move(lengths), time, batch, true}, options.executor);
  if (options.time_reversed) result.outputs = result.outputs.map(reversed);

  std::vector<std::vector<Tensor>> by_leaf;
  result.outputs.for_each([&](const Tensor& y) { by_leaf.push_back(unstack(y, 0)); });
  std::vector<Nest> outputs;
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    std::size_t k = 0;
    outputs.push_back(result.outputs.map([&](const Tensor&) { return by_leaf[k++][t]; }));
  }
  return {std::move(outputs), result.state};
}

}  // namespace unroll
