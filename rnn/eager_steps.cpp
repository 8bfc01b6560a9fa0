#include "unroll/rnn/eager_steps.hpp"

#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "dynamic_rnn";

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

Nest without_padding(const Sequence& s) {
  if (!s.lengths.ragged()) return s.inputs;
  return s.inputs.map(
      [&](const Tensor& x) { return where(s.lengths.alive_at_all_times(x.rank()), x, zeros({}, x.dtype())); });
}

EagerSteps::EagerSteps(const Sequence& s)
    : s_(s),
      output_size_(s.cell.output_size()),
      zero_output_(output_size_.map([&](const Shape& size) { return zeros(size.insert(0, s.batch), s.dtype); })) {}

StepResult EagerSteps::take(Index t, const Nest& inputs, const Nest& state) const {
  StepResult result = s_.cell(inputs, state);
  check_step(s_, result, state, output_size_);
  if (t < s_.lengths.shortest()) return result;
  return {select_alive(s_, t, result.output, zero_output_), select_alive(s_, t, result.state, state)};
}

}  // namespace unroll
