#include "unroll/rnn/raw_rnn.hpp"

#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/initial_state.hpp"
#include "unroll/rnn/time.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "raw_rnn";

// Structure, shapes and dtypes as they were.
void check_same(std::string_view what, const Nest& got, const SpecNest& expected) {
  got.assert_same_structure(who, what, expected);
  std::vector<Tensor> tensors = got.flatten();
  std::vector<TensorSpec> wanted = expected.flatten();
  std::vector<std::string> paths = got.paths();
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    if (!tensors[k]) raise<ValueError>(who, what, paths[k], " is None (a null Tensor)");
    if (tensors[k].shape() != wanted[k].shape)
      raise<ValueError>(who, what, paths[k], " has shape ", tensors[k].shape(), ", expected ", wanted[k].shape);
    if (tensors[k].dtype() != wanted[k].dtype)
      raise<TypeError>(who, what, paths[k], " is ", tensors[k].dtype(), ", expected ", wanted[k].dtype);
  }
}

Index batch_of(const Nest& input) {
  std::vector<Tensor> leaves = input.flatten();
  if (leaves.empty() || !leaves[0] || leaves[0].rank() == 0)
    raise<ValueError>(who, "next_input of the first call has no batch dimension");
  return leaves[0].shape(0);
}

void check_finished(const Tensor& finished, Index batch) {
  if (!finished) raise<ValueError>(who, "finished is None (a null Tensor)");
  if (finished.dtype() != bool_) raise<TypeError>(who, "finished is ", finished.dtype(), ", expected bool");
  if (finished.shape() != Shape{batch})
    raise<ValueError>(who, "finished has shape ", finished.shape(), ", expected (", batch, ",)");
}

bool all(const Tensor& flags) {
  for (bool flag : flags.values<bool>())
    if (!flag) return false;
  return true;
}

// What is emitted for a row that is finished, with the batch.
Nest zero_emission(const Nest& given, const RNNCell& cell, const Nest& state, Index batch) {
  if (is_given(given)) return given.map([&](const Tensor& t) { return zeros(t.shape().insert(0, batch), t.dtype()); });
  std::vector<Tensor> leaves = state.flatten();
  if (leaves.empty()) raise<ValueError>(who, "the state is empty: the first call must say what is emitted");
  return cell.output_size().map([&](const Shape& size) { return zeros(size.insert(0, batch), leaves[0].dtype()); });
}

// `before` for finished rows, `after` for the others; scalars belong to no row.
Nest select(const Tensor& finished, const Nest& before, const Nest& after) {
  std::vector<Tensor> old = before.flatten();
  std::size_t k = 0;
  return after.map([&](const Tensor& x) {
    const Tensor& kept = old[k++];
    if (x.rank() == 0) return x;
    Shape mask({finished.size()});
    while (mask.rank() < x.rank()) mask = mask + Shape{1};
    return where(finished.reshaped_view(mask), kept, x);
  });
}

}  // namespace

RawRnnResult raw_rnn(RNNCell& cell, const RawRnnLoopFunction& loop_fn, const RawRnnOptions& options) {
  if (!loop_fn) raise<TypeError>(who, "loop_fn is null, expected a function");
  if (options.parallel_iterations < 0)
    raise<TypeError>(who, "parallel_iterations is ", options.parallel_iterations, ", expected a positive integer");
  VariableScope scope(options.scope);

  RawRnnLoop loop = loop_fn(0, {}, {}, {});
  Index batch = batch_of(loop.next_input);
  check_finished(loop.finished, batch);
  if (!is_given(loop.next_cell_state)) raise<ValueError>(who, "the first call of loop_fn must give the initial state");
  Nest state = checked_initial_state(who, cell, loop.next_cell_state, float32, batch).first;
  Nest loop_state = loop.next_loop_state, zero = zero_emission(loop.emit_output, cell, state, batch);
  const SpecNest input_specs = specs(loop.next_input), state_specs = specs(state), emit_specs = specs(zero);
  cell.build(input_specs);
  cell.begin_sequence();

  std::vector<std::vector<Tensor>> emitted(zero.leaf_count());
  Tensor finished = loop.finished;
  for (Index time = 0; !all(finished); ++time) {
    StepResult step = cell(loop.next_input, state);
    loop = loop_fn(time + 1, step.output, step.state, loop_state);
    check_finished(loop.finished, batch);
    check_same("next_input", loop.next_input, input_specs);
    check_same("next_cell_state", loop.next_cell_state, state_specs);
    check_same("emit_output", loop.emit_output, emit_specs);
    state = select(finished, state, loop.next_cell_state);
    std::size_t k = 0;
    select(finished, zero, loop.emit_output).for_each([&](const Tensor& y) { emitted[k++].push_back(y); });
    if (is_given(loop.next_loop_state)) {
      if (is_given(loop_state)) check_same("next_loop_state", loop.next_loop_state, specs(loop_state));
      loop_state = loop.next_loop_state;
    }
    finished = logical_or(finished, loop.finished);
  }
  std::size_t k = 0;
  Nest outputs = zero.map([&](const Tensor& none) {
    const std::vector<Tensor>& of_leaf = emitted[k++];
    return of_leaf.empty() ? zeros(none.shape().insert(0, 0), none.dtype()) : stack(of_leaf, 0);
  });
  return {outputs, state, loop_state};
}

}  // namespace unroll
