#include "unroll/rnn/compile/compiled_cell.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "unroll/autograd/tape.hpp"
#include "unroll/core/cpu_count.hpp"
#include "unroll/core/random.hpp"
#include "unroll/core/thread_team.hpp"
#include "unroll/rnn/compile/print_plan.hpp"
#include "unroll/rnn/compile/step_interpreter.hpp"

namespace unroll::compile {
namespace {

class TraceDraws {
 public:
  explicit TraceDraws(detail::TracedDraws& draws) : before_(std::exchange(detail::traced_draws, &draws)) {}
  ~TraceDraws() { detail::traced_draws = before_; }
  TraceDraws(const TraceDraws&) = delete;

 private:
  detail::TracedDraws* before_;
};

CachedVector<Tensor> symbolic(Trace& trace, const SpecNest& specs) {
  CachedVector<Tensor> tensors;
  specs.for_each([&](const TensorSpec& spec) { tensors.push_back(trace.input(spec)); });
  return tensors;
}

CachedVector<Trace::Id> ids(Trace& trace, const CachedVector<Tensor>& tensors) {
  CachedVector<Trace::Id> result;
  for (const Tensor& t : tensors) result.push_back(trace.id(t));
  return result;
}

// The time that is spent computing.
class Stopwatch {
 public:
  explicit Stopwatch(const memory::Store* store) : store_(store), waited_(store ? store->waited() : 0) {}
  memory::TimedPass pass(const RowLayout& layout) const {
    std::chrono::duration<double> all = std::chrono::steady_clock::now() - begin_;
    double waited = store_ ? store_->waited() - waited_ : 0;
    return {all.count() - waited, static_cast<double>(layout.rows()), store_ ? store_->spilled() : 0, waited};
  }

 private:
  const memory::Store* store_;
  double waited_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

void check_step(const CellCall& call, const StepResult& result, const Nest& state, Index batch) {
  auto who = [&] { return call.cell.class_name(); };
  SizeNest output_size = call.cell.output_size();
  if (!result.output.same_structure(output_size)) result.output.assert_same_structure(who(), "its output", output_size);
  if (!result.state.same_structure(state)) result.state.assert_same_structure(who(), "its new state", state);
  CachedVector<Tensor> outputs = result.output.leaves(), after = result.state.leaves(), before = state.leaves();
  CachedVector<Shape> sizes = output_size.leaves();
  for (std::size_t k = 0; k < outputs.size(); ++k)
    if (outputs[k].spec() != TensorSpec{sizes[k].insert(0, batch), call.dtype})
      raise<Unsupported>(who(), "its output is ", outputs[k].spec(), ", expected ",
                         TensorSpec{sizes[k].insert(0, batch), call.dtype});
  for (std::size_t k = 0; k < before.size(); ++k)
    if (after[k].spec() != before[k].spec())
      raise<Unsupported>(who(), "its state changes in a step, from ", before[k].spec(), " to ", after[k].spec());
}

}  // namespace

StepTrace::StepTrace(const CellCall& call, bool with_gradients) {
  TraceDraws traced(draws);
  call.cell.begin_sequence();
  CachedVector<Tensor> x = symbolic(trace, call.inputs), s = symbolic(trace, call.state);
  std::optional<GradientTape> tape;
  if (with_gradients) {
    tape.emplace();
    for (std::size_t k = 0; k < x.size(); ++k)
      if (call.inputs_followed[k]) tape->watch(x[k]);
    for (const Tensor& t : s)
      if (is_floating(t.dtype())) tape->watch(t);
  }
  Nest state = call.state.pack(s);
  StepResult result = call.cell(call.inputs.pack(x), state);
  check_step(call, result, state, x[0].shape(0));
  CachedVector<Tensor> y = result.output.leaves(), next = result.state.leaves();
  inputs = ids(trace, x);
  states = ids(trace, s);
  outputs = ids(trace, y);
  next_states = ids(trace, next);
  for (std::size_t k = 0; k < trace.values().size(); ++k) {
    const Trace::Value& v = trace.values()[k];
    bool number = v.source == Trace::Source::captured && !v.followed && v.spec.shape.rank() == 0;
    if ((v.source == Trace::Source::variable || v.source == Trace::Source::captured) && !number)
      leaves.push_back(static_cast<Trace::Id>(k));
  }
  forward_nodes = trace.nodes().size();
  for (const Trace::Node& n : trace.nodes()) {
    Lowering l = n.op->lowering();
    if (l.kind == Lowering::Kind::dropout) masks.push_back({l.mask, draws.increment({l.mask.seed, l.mask.stream})});
  }
  if (draws.others || draws.choices != static_cast<int>(masks.size()))
    trace.refuse("it draws random numbers otherwise than by dropout");
  if (!with_gradients) {
    trace.finish();
    return;
  }

  std::vector<Nest> targets, seeds;
  auto seed = [&](const CachedVector<Tensor>& values, CachedVector<Trace::Id>& to) {
    for (const Tensor& v : values) {
      Tensor weight = trace.input(v.spec());
      to.push_back(trace.id(weight));
      if (!is_floating(v.dtype())) continue;
      targets.emplace_back(v);
      seeds.emplace_back(weight);
    }
  };
  seed(y, output_seeds);
  seed(next, state_seeds);
  std::vector<Tensor> sources;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (call.inputs_followed[k]) sources.push_back(x[k]);
  for (const Tensor& t : s)
    if (is_floating(t.dtype())) sources.push_back(t);
  for (Trace::Id id : leaves)
    if (trace.values()[id].followed) sources.push_back(trace.values()[id].tensor);
  std::vector<Tensor> gradients =
      tape->gradient(Nest::tuple(targets), sources, {.output_gradients = Nest::tuple(seeds)});
  std::size_t at = 0;
  auto take = [&](bool wanted) -> std::optional<Trace::Id> {
    if (!wanted) return {};
    const Tensor& g = gradients[at++];
    return g ? std::optional(trace.id(g)) : std::nullopt;
  };
  for (std::size_t k = 0; k < x.size(); ++k) input_gradients.push_back(take(call.inputs_followed[k]));
  for (std::size_t k = 0; k < s.size(); ++k) state_gradients.push_back(take(is_floating(s[k].dtype())));
  for (Trace::Id id : leaves) leaf_gradients.push_back(take(trace.values()[id].followed));
  tape.reset();
  trace.finish();
}

bool same_for_one_row(const CellCall& call, const StepTrace& seen) {
  CellCall one = call;
  auto first_row = [](const TensorSpec& x) {
    return TensorSpec{x.shape.rank() ? x.shape.with(0, 1) : x.shape, x.dtype};
  };
  one.inputs = call.inputs.map(first_row);
  one.state = call.state.map(first_row);
  StepTrace step(one, false);
  return step.outputs == seen.outputs && step.next_states == seen.next_states &&
         step.trace.same_but_for_sizes(seen.trace);
}

CompiledCell::CompiledCell(const CellCall& call, const StepTrace& seen, const Passes& passes, bool lowered)
    : name_(call.cell.class_name()),
      step_(std::make_unique<StepTrace>(call, call.gradients)),
      passes_(passes),
      dtype_(call.dtype),
      gradients_(call.gradients),
      inputs_followed_(call.inputs_followed),
      states_followed_(call.states_followed) {
  StepTrace& s = *step_;
  if (!s.trace.refusal().empty()) raise<Unsupported>(name_, s.trace.refusal());
  if (!s.trace.begins_with(seen.trace)) raise<Unsupported>(name_, "two calls with the same shapes do different things");
  if (!lowered) {
    not_lowered_ = "there is one row";
  } else if (!is_floating(dtype_)) {
    not_lowered_ = "the outputs are no floating point numbers";
  } else {
    try {
      lower_step();
    } catch (const Unsupported& reason) {
      not_lowered_ = reason.what();
    }
  }
  if (!not_lowered_.empty()) interpreter_ = std::make_unique<StepInterpreter>(s, gradients_);
  s.trace.release_tensors();
}

CompiledCell::~CompiledCell() = default;

void CompiledCell::lower_step() {
  const StepTrace& s = *step_;
  TracedStep traced{s.trace,
                    dtype_,
                    s.trace.values()[s.inputs[0]].spec.shape[0],
                    s.inputs,
                    s.states,
                    s.outputs,
                    s.next_states,
                    s.output_seeds,
                    s.state_seeds,
                    s.input_gradients,
                    s.state_gradients,
                    s.leaf_gradients,
                    s.forward_nodes};
  auto width = [&](const CachedVector<Trace::Id>& ids) {
    std::vector<Index> widths;
    for (Trace::Id id : ids) widths.push_back(s.trace.values()[id].spec.shape.slice(1).size());
    return widths;
  };
  plan_ =
      make_plan(lower(traced, passes_.fold), {width(s.inputs), width(s.states), width(s.outputs)}, gradients_, passes_);
  drop_unused();
  CachedVector<Index> written(plan_.graph.targets.size());
  for (const Sum& sum : plan_.backward.sums) written[sum.target] += sum.a_width * sum.parts * sum.b_width;
  for (std::size_t k = 0; k < written.size(); ++k)
    covered_.push_back(written[k] == plan_.graph.targets[k].rows * plan_.graph.targets[k].columns);
  if (dtype_ == float32)
    float_ = std::make_unique<Executor<float>>(plan_);
  else
    double_ = std::make_unique<Executor<double>>(plan_);
}

std::string CompiledCell::print() const {
  if (!interpreter_) return print_plan(plan_);
  return "op by op, as the step cannot be lowered: " + not_lowered_ + "\n" + print_code(*step_, interpreter_->code());
}

// Nodes of the trace before the loop that only ops which were taken apart would have read.
void CompiledCell::drop_unused() {
  const Trace& trace = step_->trace;
  std::set<Trace::Id> used;
  for (const Matrix& m : plan_.matrices) used.insert(m.tensor);
  for (const ColumnVector& c : plan_.columns) used.insert(c.tensor);
  for (const auto& gradient : step_->leaf_gradients)
    if (gradient) used.insert(*gradient);
  for (auto* nodes : {&plan_.graph.after_backward, &plan_.graph.before_backward, &plan_.graph.before}) {
    std::vector<std::uint32_t> needed;
    for (std::size_t k = nodes->size(); k-- > 0;) {
      const Trace::Node& n = trace.nodes()[(*nodes)[k]];
      bool read = false;
      for (std::uint32_t o = 0; o < n.output_count; ++o) read |= used.contains(n.first_output + o);
      if (!read) continue;
      for (Trace::Id id : trace.inputs(n)) used.insert(id);
      needed.insert(needed.begin(), (*nodes)[k]);
    }
    *nodes = std::move(needed);
  }
}

bool CompiledCell::fits(const CellCall& call, const StepTrace& seen, const Passes& passes) const {
  return gradients_ == call.gradients && dtype_ == call.dtype && passes_ == passes &&
         (!gradients_ || (inputs_followed_ == call.inputs_followed && states_followed_ == call.states_followed)) &&
         step_->outputs == seen.outputs && step_->next_states == seen.next_states &&
         step_->forward_nodes == seen.forward_nodes && step_->trace.begins_with(seen.trace) &&
         std::all_of(plan_.graph.uniform.begin(), plan_.graph.uniform.end(), [&](const auto& u) {
           return u.first >= seen.trace.values().size() ||
                  uniform_value(seen.trace.values()[u.first].tensor) == u.second;
         });
}

bool CompiledCell::for_one_row(const CellCall& call, const StepTrace& seen) {
  if (!for_one_row_) for_one_row_ = !interpreter_ && same_for_one_row(call, seen);
  return *for_one_row_;
}

TeamCosts CompiledCell::team_costs(int threads) const {
  if (interpreter_) return {};
  return float_ ? float_->team_costs(threads) : double_->team_costs(threads);
}

Parting CompiledCell::parting(int threads, const RowLayout& layout) const {
  if (interpreter_) return {};
  return float_ ? float_->parting(threads, layout) : double_->parting(threads, layout);
}

memory::ChunkSizes CompiledCell::chunk_sizes(const RowLayout& layout) const {
  auto kept = [this, &layout](Index c) {
    const Chunk& chunk = layout.chunks()[static_cast<std::size_t>(c)];
    if (interpreter_) return interpreter_->kept_size(chunk);
    return static_cast<std::size_t>(float_ ? float_->kept_size(chunk) : double_->kept_size(chunk)) * size_of(dtype_);
  };
  memory::ChunkSizes sizes{static_cast<Index>(layout.chunks().size()), kept};
  for (Index c = 0; c < sizes.count; ++c) sizes.most_kept = std::max(sizes.most_kept, kept(c));
  if (interpreter_) {
    sizes.state = interpreter_->state_size();
  } else if (sizes.count > 0) {
    const Chunk& first = layout.chunks()[0];
    sizes.state =
        static_cast<std::size_t>(float_ ? float_->state_size(first) : double_->state_size(first)) * size_of(dtype_);
  }
  return sizes;
}

std::vector<TapeRecord> CompiledCell::steps(const RowLayout& layout) const {
  Index of_row = 0;
  if (gradients_ && !interpreter_) of_row = float_ ? float_->kept_of_row() : double_->kept_of_row();
  std::vector<TapeRecord> all;
  for (const Era& era : layout.eras())
    for (Index t = era.begin; t < era.end; ++t)
      all.push_back(
          {name_, t, era.rows,
           interpreter_ ? interpreter_->code().kept_bytes : era.rows * of_row * static_cast<Index>(size_of(dtype_))});
  return all;
}

Environment CompiledCell::with_leaves(std::span<const Tensor> leaves) const {
  Environment values;
  for (const Trace::Value& v : step_->trace.values()) values.push_back(v.tensor);
  for (std::size_t k = 0; k < leaves.size(); ++k) values[step_->leaves[k]] = leaves[k];
  return values;
}

Environment CompiledCell::environment(std::span<const Tensor> leaves, bool backward) const {
  Environment values = with_leaves(leaves);
  for (std::uint32_t node : plan_.graph.before) run_node(step_->trace, node, values);
  if (backward)
    for (std::uint32_t node : plan_.graph.before_backward) run_node(step_->trace, node, values);
  return values;
}

const memory::PassTimes& CompiledCell::pass_times(const RowLayout& layout) const {
  static const memory::PassTimes none;
  auto found = pass_times_.find({num_threads(), layout.most_rows()});
  return found == pass_times_.end() ? none : found->second;
}

memory::ChunkSeconds CompiledCell::seconds_of_chunk(const RowLayout& layout) const {
  if (layout.chunks().empty()) return {};
  double rows = static_cast<double>(layout.rows()) / static_cast<double>(layout.chunks().size());
  static const int cpus = available_cpus();  // it reads files
  return pass_times(layout).of_chunk(rows, cpus, num_threads());
}

memory::PassTimes& CompiledCell::pass_times(const SequenceCall& call) {
  return pass_times_[{call.threads, call.layout.most_rows()}];
}

void CompiledCell::forward(ForwardCall call, std::span<const Tensor> leaves) {
  Environment values = interpreter_ ? with_leaves(leaves) : environment(leaves, false);
  ForwardCall with{
      {call.layout, call.time_major, call.reverse, call.time, call.threads, values, call.inputs, call.masks},
      call.states,
      call.outputs,
      call.final_states,
      call.store};
  Stopwatch watch(call.store);
  if (interpreter_)
    interpreter_->forward(with, values);
  else
    float_ ? float_->forward(with) : double_->forward(with);
  pass_times(call).add_forward(watch.pass(call.layout));
}

template <>
StepWeights<float> CompiledCell::step_weights<float>(std::span<const Tensor> leaves, const RowLayout& layout) {
  return float_->step_weights(environment(leaves, false), layout);
}
template <>
StepWeights<double> CompiledCell::step_weights<double>(std::span<const Tensor> leaves, const RowLayout& layout) {
  return double_->step_weights(environment(leaves, false), layout);
}

CachedVector<Tensor> CompiledCell::backward(BackwardCall call, std::span<const Tensor> leaves) {
  Stopwatch watch(&call.store);
  CachedVector<Tensor> gradients =
      interpreter_ ? interpreter_->backward(call, with_leaves(leaves)) : backward_planned(call, leaves);
  double replayed = static_cast<double>(call.store.replayed()) / static_cast<double>(call.layout.chunks().size());
  pass_times(call).add_backward(watch.pass(call.layout), replayed);
  return gradients;
}

CachedVector<Tensor> CompiledCell::backward_planned(const BackwardCall& call, std::span<const Tensor> leaves) {
  Environment values = environment(leaves, true);
  CachedVector<Tensor> sums;
  for (std::size_t k = 0; k < plan_.graph.targets.size(); ++k) {
    Tensor& sum = sums.emplace_back(step_->trace.values()[plan_.graph.targets[k].tensor].spec);
    if (!covered_[k]) std::memset(sum.mutable_raw(), 0, sum.bytes());
  }
  BackwardCall with{
      {call.layout, call.time_major, call.reverse, call.time, call.threads, values, call.inputs, call.masks},
      call.store,
      call.states,
      call.output_gradients,
      call.final_gradients,
      call.input_gradients,
      call.state_gradients,
      sums};
  auto run = [&](auto& executor, auto& replay) {
    if (call.store.replays() && !replay) replay = std::make_unique<std::remove_reference_t<decltype(*replay)>>(plan_);
    executor->backward(with, call.store.replays() ? replay.get() : nullptr);
  };
  float_ ? run(float_, float_replay_) : run(double_, double_replay_);
  for (std::size_t k = 0; k < sums.size(); ++k) values[plan_.graph.targets[k].tensor] = std::move(sums[k]);
  for (std::uint32_t node : plan_.graph.after_backward) run_node(step_->trace, node, values);
  CachedVector<Tensor> gradients;
  for (const auto& id : step_->leaf_gradients) gradients.push_back(id ? values[*id] : Tensor());
  return gradients;
}

}  // namespace unroll::compile
