#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/sequence.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "dynamic_rnn";

// Padding is replaced by zeros once, so that the cell never sees it.
Nest without_padding(const Sequence& s) {
  if (!s.lengths.ragged()) return s.inputs;
  return s.inputs.map(
      [&](const Tensor& x) { return where(s.lengths.alive_at_all_times(x.rank()), x, zeros({}, x.dtype())); });
}

// What the cell gave, checked against what it declares.
void check_step(const Sequence& s, const StepResult& result, const Nest& state, const SizeNest& output_size) {
  std::string who = s.cell.class_name();
  result.output.assert_same_structure(who, "its output", output_size);
  result.state.assert_same_structure(who, "its new state", state);
  std::vector<Tensor> outputs = result.output.flatten(), after = result.state.flatten(), before = state.flatten();
  std::vector<Shape> sizes = output_size.flatten();
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (outputs[k].shape() != sizes[k].insert(0, s.batch))
      raise<ValueError>(who, "its output has shape ", outputs[k].shape(), ", expected ", sizes[k].insert(0, s.batch));
    if (outputs[k].dtype() != s.dtype)
      raise<TypeError>(who, "its output is ", outputs[k].dtype(), ", expected ", s.dtype);
  }
  for (std::size_t k = 0; k < before.size(); ++k) {
    if (after[k].shape() != before[k].shape())
      raise<ValueError>(who, "its state changes shape in a step, from ", before[k].shape(), " to ", after[k].shape());
    if (after[k].dtype() != before[k].dtype())
      raise<TypeError>(who, "its state changes dtype in a step, from ", before[k].dtype(), " to ", after[k].dtype());
  }
}

// `after` for the rows that are alive at step t, `before` for the others. Scalars, such as step counters, belong to no
// row and go on.
Tensor select_alive(const Sequence& s, Index t, const Tensor& after, const Tensor& before) {
  if (after.rank() == 0) return after;
  if (after.shape(0) != s.batch)
    raise<ValueError>(who,
                      "with sequence_length, tensors of the state must be scalars or have one row for each of the ",
                      s.batch, " of the batch; one has shape ", after.shape());
  return where(s.lengths.alive(t, after.rank()), after, before);
}

Nest select_alive(const Sequence& s, Index t, const Nest& after, const Nest& before) {
  std::vector<Tensor> old = before.flatten();
  std::size_t k = 0;
  return after.map([&](const Tensor& x) { return select_alive(s, t, x, old[k++]); });
}

}  // namespace

SequenceResult run_eager(const Sequence& s) {
  SizeNest output_size = s.cell.output_size();
  Index steps = s.lengths.longest();

  // Step t of input leaf k is slices[k][t].
  std::vector<std::vector<Tensor>> slices;
  without_padding(s).for_each(
      [&](const Tensor& x) { slices.push_back(s.time ? unstack(x, 0) : std::vector<Tensor>()); });

  Nest zero_output = output_size.map([&](const Shape& size) { return zeros(size.insert(0, s.batch), s.dtype); });
  std::vector<Tensor> zero = zero_output.flatten();
  std::vector<std::vector<Tensor>> outputs(zero.size());
  for (auto& of_leaf : outputs) of_leaf.reserve(static_cast<std::size_t>(s.time));

  Nest state = s.initial_state;
  std::vector<Tensor> step_inputs(slices.size());
  for (Index t = 0; t < steps; ++t) {
    for (std::size_t k = 0; k < slices.size(); ++k) step_inputs[k] = slices[k][static_cast<std::size_t>(t)];
    StepResult result = s.cell(s.inputs.pack(step_inputs), state);
    check_step(s, result, state, output_size);
    if (t >= s.lengths.shortest()) {
      result.output = select_alive(s, t, result.output, zero_output);
      result.state = select_alive(s, t, result.state, state);
    }
    std::size_t k = 0;
    result.output.for_each([&](const Tensor& y) { outputs[k++].push_back(y); });
    state = std::move(result.state);
  }
  for (std::size_t k = 0; k < zero.size(); ++k) outputs[k].resize(static_cast<std::size_t>(s.time), zero[k]);

  std::size_t k = 0;
  Nest stacked = output_size.map([&](const Shape& size) {
    std::size_t leaf = k++;
    if (s.time == 0) return zeros(size.insert(0, s.batch).insert(0, 0), s.dtype);
    return stack(outputs[leaf], 0);
  });
  return {stacked, state};
}

}  // namespace unroll
