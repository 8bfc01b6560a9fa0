#include "unroll/rnn/dynamic_rnn.hpp"

#include <numeric>

#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/rnn/compile/run_compiled.hpp"
#include "unroll/rnn/sequence.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "dynamic_rnn";

// (batch, time, ...) <-> (time, batch, ...)
Tensor swap_batch_and_time(const Tensor& x) {
  std::vector<int> axes(static_cast<std::size_t>(x.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[0], axes[1]);
  return transpose(x, axes);
}

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

DType output_dtype(const DynamicRnnOptions& options, const Nest& state) {
  if (options.dtype) return *options.dtype;
  std::vector<Tensor> leaves = state.flatten();
  if (leaves.empty()) raise<ValueError>(who, "the state is empty: give a dtype");
  for (const Tensor& leaf : leaves)
    if (leaf.dtype() != leaves[0].dtype())
      raise<ValueError>(who, "the state has tensors of ", leaves[0].dtype(), " and of ", leaf.dtype(),
                        ": give a dtype for the outputs");
  return leaves[0].dtype();
}

bool is_given(const Nest& nest) { return !nest.is_leaf() || nest.leaf().defined(); }

// The structure has to be the cell's, and every tensor one of the cell's sizes.
void check_state(const RNNCell& cell, const Nest& state, Index batch) {
  SizeNest sizes = cell.state_size();
  state.assert_same_structure(who, "initial_state", sizes);
  std::vector<Tensor> tensors = state.flatten();
  std::vector<Shape> expected = sizes.flatten();
  auto path = [&](std::size_t k) { return state.paths()[k]; };
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    if (!tensors[k]) raise<ValueError>(who, "initial_state", path(k), " is None (a null Tensor)");
    bool scalar = tensors[k].rank() == 0 && expected[k].rank() == 0;
    if (!scalar && tensors[k].shape() != expected[k].insert(0, batch))
      raise<ValueError>(who, "initial_state", path(k), " has shape ", tensors[k].shape(), ", expected ",
                        expected[k].insert(0, batch));
  }
}

}  // namespace

namespace {

Sequence checked(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  check_inputs(inputs, options.time_major);
  if (options.parallel_iterations < 0)
    raise<TypeError>(who, "parallel_iterations is ", options.parallel_iterations, ", expected a positive integer");
  const Shape& first = inputs.flatten()[0].shape();
  Index time = first[options.time_major ? 0 : 1], batch = first[options.time_major ? 1 : 0];
  Lengths lengths(who, options.sequence_length, batch, time);

  Nest state = options.initial_state;
  if (!is_given(state)) {
    if (!options.dtype) raise<ValueError>(who, "without initial_state a dtype must be given");
    state = cell.zero_state(batch, *options.dtype);
  }
  check_state(cell, state, batch);
  DType dtype = output_dtype(options, state);
  // Variables exist afterwards, even if no step is taken.
  VariableScope scope(options.scope);
  cell.build(inputs.map([&](const Tensor& x) { return TensorSpec{x.shape().without(0).with(0, batch), x.dtype()}; }));
  return {cell, inputs, state, dtype, std::move(lengths), time, batch, options.time_major};
}

SequenceResult run_time_major(Sequence sequence) {
  if (sequence.time_major) return run_eager(sequence);
  sequence.inputs = sequence.inputs.map(swap_batch_and_time);
  sequence.time_major = true;
  SequenceResult result = run_eager(sequence);
  result.outputs = result.outputs.map(swap_batch_and_time);
  return result;
}

}  // namespace

DynamicRnnResult dynamic_rnn(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  Sequence sequence = checked(cell, inputs, options);
  VariableScope scope(options.scope);
  cell.begin_sequence();
  bool any_step = sequence.batch > 0 && sequence.lengths.longest() > 0;
  if (options.executor != Executor::eager && any_step) {
    auto [result, reason] = compile::run_compiled(sequence, compile::default_passes());
    if (result) return {result->outputs, result->state};
    if (options.executor == Executor::compiled) raise<RuntimeError>(who, "the cell cannot be compiled: ", reason);
  }
  SequenceResult result = run_time_major(std::move(sequence));
  return {result.outputs, result.state};
}

std::string explain(RNNCell& cell, const Nest& inputs, const DynamicRnnOptions& options) {
  Sequence sequence = checked(cell, inputs, options);
  VariableScope scope(options.scope);
  if (options.executor == Executor::eager) return "eager: it was asked for\n";
  return compile::explain_compiled(sequence, compile::default_passes());
}

}  // namespace unroll
