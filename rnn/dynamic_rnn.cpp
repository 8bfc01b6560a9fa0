#include "unroll/rnn/dynamic_rnn.hpp"

#include "unroll/rnn/compile/run_compiled.hpp"
#include "unroll/rnn/initial_state.hpp"
#include "unroll/rnn/run_sequence.hpp"
#include "unroll/rnn/time.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "dynamic_rnn";

void check_inputs(const Nest& nest, bool time_major) {
  std::vector<Tensor> inputs = nest.flatten();
  auto path = [&](std::size_t k) { return nest.paths()[k]; };
  if (inputs.empty()) raise<ValueError>(who, "inputs are empty");
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const Tensor& x = inputs[k];
    if (!x) raise<ValueError>(who, "inputs", path(k), " is None (a null Tensor)");
    if (x.rank() < 3)
      raise<ValueError>(who, "inputs", path(k), " has shape ", x.shape(),
                        ", expected rank 3 or more: ", time_major ? "(time, batch, ...)" : "(batch, time, ...)");
    for (int axis : {0, 1})
      if (x.shape(axis) != inputs[0].shape(axis))
        raise<ValueError>(who, "the ", (axis == 0) == time_major ? "time steps" : "batch sizes",
                          " of all inputs must be the same: inputs", path(0), " has shape ", inputs[0].shape(),
                          ", inputs", path(k), " has shape ", x.shape());
  }
}

Nest reversed(const Nest& nest, const DynamicRnnOptions& options) {
  return nest.map([&](const Tensor& x) { return reverse_time(x, options.sequence_length, options.time_major); });
}

Sequence checked(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  check_inputs(inputs, options.time_major);
  if (options.parallel_iterations < 0)
    raise<TypeError>(who, "parallel_iterations is ", options.parallel_iterations, ", expected a positive integer");
  const Shape& first = inputs.flatten()[0].shape();
  Index time = first[options.time_major ? 0 : 1], batch = first[options.time_major ? 1 : 0];
  Lengths lengths(who, options.sequence_length, batch, time);

  auto [state, dtype] = checked_initial_state(who, cell, options.initial_state, options.dtype, batch);
  // Variables exist afterwards, even if no step is taken.
  VariableScope scope(options.scope);
  cell.build(inputs.map([&](const Tensor& x) { return TensorSpec{x.shape().without(0).with(0, batch), x.dtype()}; }));
  Nest in_order = options.time_reversed ? reversed(inputs, options) : inputs;
  return {cell, in_order, state, dtype, std::move(lengths), time, batch, options.time_major};
}

}  // namespace

DynamicRnnResult dynamic_rnn(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  Sequence sequence = checked(cell, inputs, options);
  VariableScope scope(options.scope);
  SequenceResult result = run_sequence(who, std::move(sequence), options.executor);
  if (options.time_reversed) result.outputs = reversed(result.outputs, options);
  return {result.outputs, result.state};
}

std::string explain(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  Sequence sequence = checked(cell, inputs, options);
  VariableScope scope(options.scope);
  if (options.executor == Executor::eager) return "eager: it was asked for\n";
  return compile::explain_compiled(sequence, compile::default_passes());
}

}  // namespace unroll
