#include "unroll/rnn/compile/run_compiled.hpp"

#include <algorithm>

#include "unroll/autograd/log.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/thread_team.hpp"
#include "unroll/rnn/compile/compiled_cell.hpp"
#include "unroll/rnn/compile/print_plan.hpp"

namespace unroll::compile {
namespace {

constexpr std::size_t most_cells = 64;  // that a thread remembers
constexpr Index chunk_rows = 512;

// All steps of a sequence as one op: of the input leaves, the initial states, and the cell's variables and captured
// tensors; the results are outputs, final states, and what is kept for the gradients.
struct CompiledRnn final : MultiOp {
  std::shared_ptr<CompiledCell> cell;
  std::shared_ptr<const RowLayout> layout;
  bool time_major;
  Index time;
  std::string_view name() const override { return "dynamic_rnn"; }

  std::size_t input_count() const { return cell->step().inputs.size(); }
  std::size_t state_count() const { return cell->step().states.size(); }
  std::size_t output_count() const { return cell->step().outputs.size(); }
  std::size_t result_count() const { return output_count() + state_count() + 1; }

  void infer(Inputs x, std::span<TensorSpec> y) const override {
    const StepTrace& step = cell->step();
    for (std::size_t k = 0; k < output_count(); ++k) {
      Shape size = step.trace.values()[step.outputs[k]].spec.shape.slice(1);
      Shape front = time_major ? Shape{time, layout->batch()} : Shape{layout->batch(), time};
      y[k] = {front + size, cell->dtype()};
    }
    for (std::size_t k = 0; k < state_count(); ++k) y[output_count() + k] = x[input_count() + k].spec();
    y.back() = {{cell->kept_size(*layout)}, cell->dtype()};
  }
  static std::vector<Tensor> slice(Inputs x, std::size_t first, std::size_t count) {
    std::vector<Tensor> tensors;
    for (std::size_t k = first; k < first + count; ++k) tensors.push_back(x[k]);
    return tensors;
  }
  void forward(Inputs x, std::span<Tensor> y) const override {
    std::vector<Tensor> inputs = slice(x, 0, input_count()), states = slice(x, input_count(), state_count()),
                        leaves = slice(x, input_count() + state_count(), cell->step().leaves.size());
    static const Environment unset;
    ForwardCall call{{*layout, time_major, time, num_threads(), unset, inputs},
                     states,
                     y.first(output_count()),
                     y.subspan(output_count(), state_count()),
                     cell->gradients() ? y.back().mutable_raw() : nullptr};
    cell->forward(call, leaves);
  }
  void vjp(Vjp& v) const override;
};

void CompiledRnn::vjp(Vjp& v) const {
  if (detail::thread_log().recording())
    raise<RuntimeError>("dynamic_rnn",
                        "the gradient of the compiled executor is not differentiable: use "
                        "Executor::eager for second derivatives through time");
  const StepTrace& step = cell->step();
  std::vector<Tensor> inputs, leaves, output_gradients, final_gradients, input_gradients, state_gradients;
  for (std::size_t k = 0; k < input_count(); ++k) {
    inputs.push_back(v.input(k));
    bool wanted = v.needs(k) && step.input_gradients[k];
    input_gradients.push_back(wanted ? Tensor(v.input_spec(k)) : Tensor());
  }
  for (std::size_t k = 0; k < state_count(); ++k)
    state_gradients.push_back(v.needs(input_count() + k) ? Tensor(v.input_spec(input_count() + k)) : Tensor());
  for (std::size_t k = 0; k < step.leaves.size(); ++k) leaves.push_back(v.input(input_count() + state_count() + k));
  auto gradient = [&](std::size_t k) { return v.has_gradient(k) ? v.gradient(k) : Tensor(); };
  for (std::size_t k = 0; k < output_count(); ++k) output_gradients.push_back(gradient(k));
  for (std::size_t k = 0; k < state_count(); ++k) final_gradients.push_back(gradient(output_count() + k));

  static const Environment unset;
  BackwardCall call{{*layout, time_major, time, num_threads(), unset, inputs},
                    v.output(output_count() + state_count()).raw(),
                    output_gradients,
                    final_gradients,
                    input_gradients,
                    state_gradients,
                    {}};
  std::vector<Tensor> of_leaves = cell->backward(call, leaves);
  for (std::size_t k = 0; k < input_count(); ++k)
    if (input_gradients[k]) v.add(k, input_gradients[k]);
  for (std::size_t k = 0; k < state_count(); ++k)
    if (state_gradients[k]) v.add(input_count() + k, state_gradients[k]);
  for (std::size_t k = 0; k < of_leaves.size(); ++k)
    if (of_leaves[k]) v.add(input_count() + state_count() + k, of_leaves[k]);
}

struct Found {
  std::shared_ptr<CompiledCell> cell;
  std::unique_ptr<StepTrace> seen;
  std::string reason;
};

Found find(const Sequence& s, const Passes& passes) {
  struct Known {
    std::shared_ptr<CompiledCell> cell;
    std::uint64_t used;
  };
  thread_local std::vector<Known> known;
  thread_local std::uint64_t now = 0;

  detail::Log& log = detail::thread_log();
  // One row proves nothing: an axis of 1 may be the batch or not.
  Index batch = std::max<Index>(s.batch, 2);
  bool recording = log.recording();
  CellCall call{s.cell,
                s.inputs.map([&](const Tensor& x) {
                  return TensorSpec{Shape{batch} + x.shape().slice(2), x.dtype()};
                }),
                s.initial_state.map([&](const Tensor& x) {
                  return TensorSpec{x.rank() ? x.shape().with(0, batch) : x.shape(), x.dtype()};
                }),
                s.dtype,
                false,
                {},
                {}};
  auto follow = [&](const Nest& nest, std::vector<bool>& followed) {
    nest.for_each([&](const Tensor& t) { followed.push_back(recording && is_floating(t.dtype()) && log.node(t)); });
  };
  follow(s.inputs, call.inputs_followed);
  follow(s.initial_state, call.states_followed);
  try {
    auto seen = std::make_unique<StepTrace>(call, false);
    if (!seen->trace.refusal().empty()) return {nullptr, nullptr, seen->trace.refusal()};
    if (recording) {
      call.gradients = std::count(call.inputs_followed.begin(), call.inputs_followed.end(), true) ||
                       std::count(call.states_followed.begin(), call.states_followed.end(), true);
      for (Trace::Id id : seen->leaves) call.gradients = call.gradients || seen->trace.values()[id].followed;
    }
    ++now;
    for (Known& k : known)
      if (k.cell->fits(call, *seen, passes)) {
        k.used = now;
        return {k.cell, std::move(seen), {}};
      }
    auto cell = std::make_shared<CompiledCell>(call, *seen, passes);
    if (known.size() == most_cells)
      known.erase(std::min_element(known.begin(), known.end(), [](auto& a, auto& b) { return a.used < b.used; }));
    known.push_back({cell, now});
    return {cell, std::move(seen), {}};
  } catch (const Error& error) {
    return {nullptr, nullptr, error.what()};
  }
}

std::string why_not(const Sequence& s) {
  if (s.batch == 0 || s.lengths.longest() == 0) return "there is no step to take";
  if (!is_floating(s.dtype)) return "the outputs are no floating point numbers";
  if (detail::thread_log().recording() && detail::thread_log().tapes() > 1)
    return "several tapes are open: gradients of gradients need the steps' own ops";
  if (Trace::active()) return "the call is itself traced";
  return {};
}

}  // namespace

Passes& default_passes() {
  thread_local Passes passes;
  return passes;
}

CompiledResult run_compiled(const Sequence& s, const Passes& passes) {
  if (std::string reason = why_not(s); !reason.empty()) return {{}, reason};
  Found found = find(s, passes);
  if (!found.cell) return {{}, found.reason};

  CompiledRnn op;
  op.cell = found.cell;
  auto layout = std::make_shared<RowLayout>();
  layout->assign(s.lengths, s.batch, chunk_rows);
  op.layout = std::move(layout);
  op.time_major = s.time_major;
  op.time = s.time;
  std::vector<const Tensor*> in;
  std::vector<Tensor> inputs = s.inputs.flatten(), states = s.initial_state.flatten();
  for (const Tensor& x : inputs) in.push_back(&x);
  for (const Tensor& x : states) in.push_back(&x);
  for (Trace::Id id : found.cell->step().leaves) in.push_back(&found.seen->trace.values()[id].tensor);
  std::vector<Tensor> out(op.result_count());
  std::size_t outputs = op.output_count();
  detail::run(op, detail::op_type<CompiledRnn>, Inputs(in.data(), in.size()), out);
  SizeNest output_size = s.cell.output_size();
  std::size_t k = 0;
  SequenceResult result;
  result.outputs = output_size.map([&](const Shape&) { return out[k++]; });
  k = outputs;
  result.state = s.initial_state.map([&](const Tensor&) { return out[k++]; });
  return {std::move(result), {}};
}

std::string explain_compiled(const Sequence& s, const Passes& passes) {
  if (std::string reason = why_not(s); !reason.empty()) return "eager: " + reason + "\n";
  Found found = find(s, passes);
  if (!found.cell) return "eager: " + found.reason + "\n";
  return "compiled\n" + print_plan(found.cell->step().trace, found.cell->plan());
}

}  // namespace unroll::compile
