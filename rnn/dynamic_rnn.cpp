#include "unroll/rnn/dynamic_rnn.hpp"

#include "unroll/rnn/compile/run_compiled.hpp"
#include "unroll/rnn/dynamic_rnn_pair.hpp"
#include "unroll/rnn/initial_state.hpp"
#include "unroll/rnn/run_sequence.hpp"
#include "unroll/rnn/time.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "dynamic_rnn";

void check_inputs(const Nest& nest, bool time_major) {
  CachedVector<Tensor> inputs = nest.leaves();
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

Sequence checked(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  check_inputs(inputs, options.time_major);
  if (options.parallel_iterations < 0)
    raise<TypeError>(who, "parallel_iterations is ", options.parallel_iterations, ", expected a positive integer");
  MemoryOptions memory{options.swap_memory, options.memory_limit, options.spill_directory};
  check_memory_options(who, memory);
  const Shape& first = inputs.leaves()[0].shape();
  Index time = first[options.time_major ? 0 : 1], batch = first[options.time_major ? 1 : 0];
  Lengths lengths(who, options.sequence_length, batch, time);

  auto [state, dtype] = checked_initial_state(who, cell, options.initial_state, options.dtype, batch);
  // Variables exist afterwards, even if no step is taken.
  VariableScope scope(options.scope);
  cell.build(inputs.map([&](const Tensor& x) { return TensorSpec{x.shape().without(0).with(0, batch), x.dtype()}; }));
  return {cell,
          inputs,
          state,
          dtype,
          std::move(lengths),
          time,
          batch,
          options.time_major,
          options.time_reversed,
          options.parallel_iterations > 0 ? options.parallel_iterations : default_parallel_iterations,
          memory.swap_memory ? memory : MemoryScope::current()};
}

}  // namespace

DynamicRnnResult dynamic_rnn(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  Sequence sequence = checked(cell, inputs, options);
  VariableScope scope(options.scope);
  SequenceResult result = run_sequence(who, std::move(sequence), options.executor);
  return {result.outputs, result.state};
}

std::array<DynamicRnnResult, 2> dynamic_rnn_pair(const std::array<RNNCell*, 2>& cells, const Nest& inputs,
                                                 const std::array<DynamicRnnOptions, 2>& options) {
  Sequence first = checked(*cells[0], inputs, options[0]), second = checked(*cells[1], inputs, options[1]);
  bool any_step = first.batch > 0 && first.lengths.longest() > 0;
  if (any_step && options[0].executor != Executor::eager)
    if (auto both = compile::run_compiled_pair(first, second, compile::default_passes()))
      return {DynamicRnnResult{(*both)[0].outputs, (*both)[0].state},
              DynamicRnnResult{(*both)[1].outputs, (*both)[1].state}};
  DynamicRnnResult result = dynamic_rnn(*cells[0], inputs, options[0]);
  return {result, dynamic_rnn(*cells[1], inputs, options[1])};
}

std::string explain(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  Sequence sequence = checked(cell, inputs, options);
  VariableScope scope(options.scope);
  std::string said = options.executor == Executor::eager
                         ? "eager: it was asked for\n"
                         : compile::explain_compiled(sequence, compile::default_passes());
  if (said.starts_with("eager") && sequence.memory.swap_memory)
    said += "memory: recomputed; how many steps, depends on what the first one is seen to keep\n";
  return said;
}

}  // namespace unroll
