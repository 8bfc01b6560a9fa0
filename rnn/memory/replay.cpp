#include "unroll/rnn/memory/replay.hpp"

#include <set>

#include "unroll/autograd/trace.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/memory/replayed_rnn.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "dynamic_rnn";
using Tensors = StepHistory::Tensors;

std::size_t bytes_of(const Tensors& tensors) {
  std::size_t sum = 0;
  for (const Tensor& t : tensors) sum += memory::aligned(t.bytes());
  return sum;
}

// What lies outside of a step and is read in it: variables, captured tensors.
class Others {
 public:
  explicit Others(const RNNCell& cell) : cell_(cell), first_node_(log_.next_node()) {}
  const std::vector<detail::Log::Input>& all() const { return all_; }

  /// `own`: nodes of the step's inputs and states; records from `first_record` on are the step's.
  void collect(const std::vector<std::uint32_t>& own, std::size_t first_record, std::uint32_t first_node) {
    made_.assign(log_.next_node() - first_node, false);
    for (std::uint32_t node : own)
      if (node) made_[node - first_node] = true;
    for (std::size_t k = first_record; k < log_.records().size(); ++k) {
      const detail::Record& r = log_.records()[k];
      for (std::size_t i = 0; i < r.input_count; ++i)
        if (std::uint32_t node = r.inputs[i]; node && (node < first_node || !made_[node - first_node]))
          add({node, r.spec(i)});
      for (std::size_t o = 0; o < r.output_count; ++o) made_[r.first_output + o - first_node] = true;
    }
  }

 private:
  void add(detail::Log::Input other) {
    if (!known_.insert(other.node).second) return;
    if (other.node >= first_node_ && !log_.is_leaf(other.node))
      raise<RuntimeError>(cell_.class_name(), "keeps a tensor from one step to the next otherwise than in its state, ",
                          "which swap_memory does not allow");
    all_.push_back(std::move(other));
  }

  detail::Log& log_ = detail::thread_log();
  const RNNCell& cell_;
  std::uint32_t first_node_;
  std::set<std::uint32_t> known_;
  std::vector<detail::Log::Input> all_;
  std::vector<bool> made_;
};

// Forward steps, whose records are looked at and thrown away.
class Forward {
 public:
  explicit Forward(StepHistory& history) : h_(history), others_(history.sequence().cell) {
    for (const Tensor& x : h_.inputs()) follow_.push_back(log_.node(x) != 0);
  }

  const std::vector<detail::Log::Input>& others() const { return others_.all(); }
  /// What the records of the last step have kept.
  std::size_t kept() const { return kept_; }

  StepHistory::Taken take(Index t, const Tensors& states) {
    Rewind rewind{log_, log_.mark()};
    std::size_t first_record = log_.records().size();
    std::uint32_t first_node = log_.next_node();
    Tensors before = followed_views(states);
    StepHistory::Taken taken = h_.take(t, before, follow_);
    std::vector<std::uint32_t> own;
    for (const auto* tensors : {&taken.inputs, &before})
      for (const Tensor& x : *tensors)
        if (std::uint32_t node = log_.node(x); node >= first_node) own.push_back(node);
    others_.collect(own, first_record, first_node);
    if (t == 0) kept_ = measure(first_record, taken);
    return taken;
  }

 private:
  struct Rewind {
    detail::Log& log;
    detail::Log::Mark mark;
    ~Rewind() { log.rewind(mark); }
  };

  // Saved tensors, each counted once, without those that exist anyway; and the records themselves.
  std::size_t measure(std::size_t first_record, const StepHistory::Taken& taken) const {
    std::set<const std::byte*> seen;
    for (const Tensor& x : taken.inputs) seen.insert(x.raw());
    std::size_t bytes = 0;
    for (std::size_t k = first_record; k < log_.records().size(); ++k) {
      const detail::Record& r = log_.records()[k];
      std::size_t tensors = std::size_t{r.input_count} + r.output_count;
      bytes += sizeof r + sizeof(MultiOp) + tensors * (sizeof(Tensor) + r.spec_size * sizeof(Index) + sizeof *r.inputs);
      for (const Tensor& t : std::span(r.saved, tensors))
        if (t && !t.impl().leaf && seen.insert(t.raw()).second) bytes += memory::aligned(t.bytes());
    }
    if (bytes == 0) return 0;
    const Lengths& lengths = h_.sequence().lengths;
    // Steps at which rows have ended select from old and new values.
    if (lengths.shortest() < lengths.longest()) bytes += 2 * (bytes_of(taken.outputs) + bytes_of(taken.states));
    return bytes;
  }

  detail::Log& log_ = detail::thread_log();
  StepHistory& h_;
  Others others_;
  std::vector<bool> follow_;
  std::size_t kept_ = 0;
};

// Checkpoints for steps that keep `kept` bytes each; none if all can be kept.
std::optional<memory::Checkpoints> place(Index steps, std::size_t kept, std::size_t state, std::size_t limit) {
  if (steps <= 1 && limit == 0) return {};
  if (limit == 0) return memory::square_root_checkpoints(steps, kept, state);
  if (static_cast<std::size_t>(steps) * kept <= limit) return {};
  if (limit < kept + state)  // the states before the last segment are held beside the others
    raise<ResourceExhaustedError>(who, "memory_limit is ", limit, " bytes; at least ", kept + state, " are needed");
  return memory::place_checkpoints(steps, kept, state, limit - state);
}

}  // namespace

SequenceResult run_replayed(const Sequence& s) {
  detail::Log& log = detail::thread_log();
  if (!log.recording() || Trace::active() || detail::draw_log || s.lengths.longest() == 0) return run_eager(s);
  if (log.tapes() > 1) {
    if (s.memory.memory_limit > 0)
      raise<ResourceExhaustedError>(who, "memory_limit cannot be kept while several tapes are open, as gradients of ",
                                    "gradients need every step's records");
    return run_eager(s);
  }
  auto history = std::make_shared<StepHistory>(s);
  Forward forward(*history);
  Tensors states = s.initial_state.flatten();
  StepHistory::Taken taken = forward.take(0, states);
  std::size_t state_bytes = bytes_of(states);
  Index steps = history->steps();
  std::optional<memory::Checkpoints> checkpoints;
  if (forward.kept() > 0) checkpoints = place(steps, forward.kept(), state_bytes, s.memory.memory_limit);
  if (!checkpoints) {
    detail::DrawLog draws = history->first_draws();
    return run_eager(s, &draws);
  }
  Tensors outputs;
  for (const Tensor& y : taken.outputs) outputs.push_back(zeros(y.shape().insert(0, s.time), y.dtype()));
  auto plan = std::make_shared<ReplayPlan>(states, steps, *checkpoints);
  plan->start_forward();
  for (memory::Step step; plan->next(step);) {
    plan->prepare(step, states);
    if (step.chunk > 0) taken = forward.take(step.chunk, states);
    for (std::size_t k = 0; k < outputs.size(); ++k) put_step(outputs[k], step.chunk, taken.outputs[k]);
    states = taken.states;
  }
  for (Tensor& t : states) t = t.clone();  // nobody else's, to get a node

  std::vector<detail::Log::Input> inputs;
  auto add = [&](const Tensor& x) { inputs.push_back({log.node(x), x.spec()}); };
  for (const Tensor& x : history->inputs()) add(x);
  s.initial_state.for_each(add);
  inputs.insert(inputs.end(), forward.others().begin(), forward.others().end());
  Tensors results = outputs;
  results.insert(results.end(), states.begin(), states.end());
  bool any = std::any_of(inputs.begin(), inputs.end(), [](const auto& x) { return x.node != 0; });
  ReplayedRnn op(history, std::move(plan));
  if (any) log.record(op, detail::op_type<ReplayedRnn>, inputs, results);
  outputs.assign(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(outputs.size()));
  return {history->pack_outputs(outputs), s.initial_state.pack(states)};
}

}  // namespace unroll
