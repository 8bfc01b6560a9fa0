#include "unroll/rnn/compile/run_compiled.hpp"

#include <algorithm>
#include <cstring>

#include "unroll/autograd/log.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/thread_team.hpp"
#include "unroll/rnn/compile/lay_out.hpp"

namespace unroll::compile {
namespace {

constexpr std::size_t most_cells = 64;  // that a thread remembers

// All steps of a sequence as one op: of the input leaves, the initial states, and the cell's variables and captured
// tensors; the results are outputs, final states, and what is kept for the gradients.
struct CompiledRnn final : MultiOp {
  std::shared_ptr<CompiledCell> cell;
  std::shared_ptr<const RowLayout> layout;
  bool time_major, reverse;
  Index time;
  CachedVector<SequenceMask> masks;
  std::shared_ptr<memory::Store> store;  // null: no gradients
  std::string_view name() const override { return "dynamic_rnn"; }
  std::vector<TapeRecord> steps() const override { return cell->steps(*layout); }

  std::size_t input_count() const { return cell->step().inputs.size(); }
  std::size_t state_count() const { return cell->step().states.size(); }
  std::size_t output_count() const { return cell->step().outputs.size(); }
  std::size_t result_count() const { return output_count() + state_count(); }

  void infer(Inputs x, std::span<TensorSpec> y) const override {
    const StepTrace& step = cell->step();
    for (std::size_t k = 0; k < output_count(); ++k) {
      Shape size = step.trace.values()[step.outputs[k]].spec.shape.slice(1);
      Shape front = time_major ? Shape{time, layout->batch()} : Shape{layout->batch(), time};
      y[k] = {front + size, cell->dtype()};
    }
    for (std::size_t k = 0; k < state_count(); ++k) y[output_count() + k] = x[input_count() + k].spec();
  }
  void forward(Inputs x, std::span<Tensor> y) const override;
  void vjp(Vjp& v) const override;
  std::size_t input_total() const { return input_count() + state_count() + cell->step().leaves.size(); }
};

CachedVector<Tensor> slice(Inputs x, std::size_t first, std::size_t count) {
  CachedVector<Tensor> tensors;
  for (std::size_t k = first; k < first + count; ++k) tensors.push_back(x[k]);
  return tensors;
}

const Environment unset;

void CompiledRnn::forward(Inputs x, std::span<Tensor> y) const {
  CachedVector<Tensor> inputs = slice(x, 0, input_count()), states = slice(x, input_count(), state_count()),
                       leaves = slice(x, input_count() + state_count(), cell->step().leaves.size());
  ForwardCall call{{*layout, time_major, reverse, time, num_threads(), unset, inputs, masks},
                   states,
                   y.first(output_count()),
                   y.subspan(output_count(), state_count()),
                   store.get()};
  if (store) store->start_forward();
  cell->forward(call, leaves);
}

// The gradient of a call: what it needs is collected, then computed, perhaps on another thread, then delivered. Of the
// record's inputs and outputs those from `input` and `output` on are the call's.
class Gradient {
 public:
  Gradient(const CompiledRnn& rnn, Vjp& v, std::size_t input, std::size_t output) : rnn_(rnn), v_(v), input_(input) {
    const StepTrace& step = rnn.cell->step();
    for (std::size_t k = 0; k < rnn.input_count(); ++k) {
      inputs_.push_back(v.input(input + k));
      bool wanted = v.needs(input + k) && step.input_gradients[k];
      input_gradients_.push_back(wanted ? Tensor(v.input_spec(input + k)) : Tensor());
    }
    std::size_t states = input + rnn.input_count(), leaves = states + rnn.state_count();
    for (std::size_t k = 0; k < rnn.state_count(); ++k) {
      states_.push_back(v.input(states + k));
      bool wanted = v.needs(states + k) && is_floating(v.input_spec(states + k).dtype);
      state_gradients_.push_back(wanted ? Tensor(v.input_spec(states + k)) : Tensor());
    }
    for (std::size_t k = 0; k < step.leaves.size(); ++k) leaves_.push_back(v.input(leaves + k));
    auto gradient = [&](std::size_t k) { return v.has_gradient(output + k) ? v.gradient(output + k) : Tensor(); };
    for (std::size_t k = 0; k < rnn.output_count(); ++k) output_gradients_.push_back(gradient(k));
    for (std::size_t k = 0; k < rnn.state_count(); ++k) final_gradients_.push_back(gradient(rnn.output_count() + k));
  }
  void compute() {
    BackwardCall call{
        {*rnn_.layout, rnn_.time_major, rnn_.reverse, rnn_.time, num_threads(), unset, inputs_, rnn_.masks},
        *rnn_.store,
        states_,
        output_gradients_,
        final_gradients_,
        input_gradients_,
        state_gradients_,
        {}};
    rnn_.store->start_backward();
    CachedVector<Tensor> found = rnn_.cell->backward(call, leaves_);
    if (leaf_gradients_.empty()) {
      leaf_gradients_ = std::move(found);
      return;
    }
    for (std::size_t k = 0; k < found.size(); ++k)
      if (found[k]) std::memcpy(leaf_gradients_[k].mutable_raw(), found[k].raw(), found[k].bytes());
  }
  /// For another thread, which has a cache of blocks of its own: what it allocates it must release as well, or it would
  /// have new memory, page by page, at every call.
  void prepare_for_other_thread() {
    const StepTrace& step = rnn_.cell->step();
    std::size_t leaves = input_ + rnn_.input_count() + rnn_.state_count();
    for (std::size_t k = 0; k < step.leaves.size(); ++k)
      leaf_gradients_.push_back(step.leaf_gradients[k] ? Tensor(v_.input_spec(leaves + k)) : Tensor());
  }
  void deliver() {
    std::size_t k = input_;
    for (const auto* gradients : {&input_gradients_, &state_gradients_, &leaf_gradients_})
      for (const Tensor& g : *gradients) {
        if (g) v_.add(k, g);
        ++k;
      }
  }

 private:
  const CompiledRnn& rnn_;
  Vjp& v_;
  std::size_t input_;
  CachedVector<Tensor> inputs_, states_, leaves_, output_gradients_, final_gradients_;
  CachedVector<Tensor> input_gradients_, state_gradients_, leaf_gradients_;
};

void check_first_order() {
  if (detail::thread_log().recording())
    raise<RuntimeError>("dynamic_rnn",
                        "the gradient of the compiled executor is not differentiable: use Executor::eager for second "
                        "derivatives through time");
}

void CompiledRnn::vjp(Vjp& v) const {
  check_first_order();
  Gradient gradient(*this, v, 0, 0);
  gradient.compute();
  gradient.deliver();
}

// Two sequences, each on a thread of its own.
struct CompiledPair final : MultiOp {
  CompiledRnn a, b;
  CompiledPair(CompiledRnn first, CompiledRnn second) : a(std::move(first)), b(std::move(second)) {}
  std::string_view name() const override { return "bidirectional_dynamic_rnn"; }
  std::vector<TapeRecord> steps() const override {
    std::vector<TapeRecord> all = a.steps(), of_b = b.steps();
    all.insert(all.end(), of_b.begin(), of_b.end());
    return all;
  }
  void infer(Inputs x, std::span<TensorSpec> y) const override {
    a.infer(part(x, 0, a), y.first(a.result_count()));
    b.infer(part(x, a.input_total(), b), y.subspan(a.result_count()));
  }
  void forward(Inputs x, std::span<Tensor> y) const override {
    parallel_if_faster(2, [&](int index, Team& team) {
      if (index == 0) a.forward(part(x, 0, a), y.first(a.result_count()));
      if (index == 1 || team.size() == 1) b.forward(part(x, a.input_total(), b), y.subspan(a.result_count()));
    });
  }
  void vjp(Vjp& v) const override {
    check_first_order();
    Gradient of_a(a, v, 0, 0), of_b(b, v, a.input_total(), a.result_count());
    of_b.prepare_for_other_thread();
    parallel_if_faster(2, [&](int index, Team& team) {
      if (index == 0) of_a.compute();
      if (index == 1 || team.size() == 1) of_b.compute();
    });
    of_a.deliver();
    of_b.deliver();
  }

 private:
  static Inputs part(Inputs x, std::size_t first, const CompiledRnn& rnn) {
    return Inputs(&x.pointers()[first], rnn.input_total());
  }
};

struct Found {
  std::shared_ptr<CompiledCell> cell;
  std::unique_ptr<StepTrace> seen;
  std::string reason;
};

// Of the cells that this thread has compiled, the one that does what `seen` did; or a new one.
std::shared_ptr<CompiledCell> known_cell(const CellCall& call, const StepTrace& seen, const Passes& passes,
                                         bool lowered) {
  struct Known {
    std::shared_ptr<CompiledCell> cell;
    std::uint64_t used;
  };
  thread_local std::vector<Known> known;
  thread_local std::uint64_t now = 0;
  ++now;
  auto place = std::find_if(known.begin(), known.end(), [&](auto& k) { return k.cell->fits(call, seen, passes); });
  if (place == known.end()) {
    auto cell = std::make_shared<CompiledCell>(call, seen, passes, lowered);
    if (known.size() == most_cells)
      known.erase(std::min_element(known.begin(), known.end(), [](auto& a, auto& b) { return a.used < b.used; }));
    place = known.insert(known.end(), {std::move(cell), now});
  }
  place->used = now;
  return place->cell;
}

bool any(const CachedVector<bool>& flags) { return std::count(flags.begin(), flags.end(), true) > 0; }

Found find_or_compile(const Sequence& s, const Passes& passes) {
  detail::Log& log = detail::thread_log();
  bool recording = log.recording();
  auto call_of = [&](Index batch) {
    return CellCall{s.cell,
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
  };
  auto follow = [&](CellCall& call, const StepTrace& seen) {
    auto followed = [&](const Nest& nest, CachedVector<bool>& flags) {
      nest.for_each([&](const Tensor& t) { flags.push_back(recording && is_floating(t.dtype()) && log.node(t)); });
    };
    followed(s.inputs, call.inputs_followed);
    followed(s.initial_state, call.states_followed);
    call.gradients = any(call.inputs_followed) || any(call.states_followed);
    for (Trace::Id id : seen.leaves) call.gradients = call.gradients || (recording && seen.trace.values()[id].followed);
  };
  try {
    // One row proves nothing: an axis of 1 may be the batch or not.
    CellCall call = call_of(std::max<Index>(s.batch, 2));
    auto seen = std::make_unique<StepTrace>(call, false);
    if (!seen->trace.refusal().empty()) return {nullptr, nullptr, seen->trace.refusal()};
    follow(call, *seen);
    std::shared_ptr<CompiledCell> cell = known_cell(call, *seen, passes, true);
    if (s.batch > 1 || cell->for_one_row(call, *seen)) return {cell, std::move(seen), {}};
    CellCall one = call_of(1);
    seen = std::make_unique<StepTrace>(one, false);
    follow(one, *seen);
    return {known_cell(one, *seen, passes, false), std::move(seen), {}};
  } catch (const Error& error) {
    return {nullptr, nullptr, error.what()};
  }
}

Found find(const Sequence& s, const Passes& passes) {
  Found found = find_or_compile(s, passes);
  s.cell.begin_sequence();  // what it has kept of a trace is of no use
  return found;
}

std::string why_not(const Sequence& s) {
  if (s.batch == 0 || s.lengths.longest() == 0) return "there is no step to take";
  if (detail::thread_log().recording() && detail::thread_log().tapes() > 1)
    return "several tapes are open: gradients of gradients need the steps' own ops";
  if (Trace::active()) return "the call is itself traced";
  if (detail::draw_log) return "the call is part of a step that may be taken again";
  return {};
}

}  // namespace

Passes& default_passes() {
  thread_local Passes passes;
  return passes;
}

namespace {

// An op that is ready to run, and its inputs.
struct Prepared {
  CompiledRnn op;
  CachedVector<Tensor> in;
  std::string reason;
};

Prepared prepare(const Sequence& s, const Passes& passes, int threads) {
  if (std::string reason = why_not(s); !reason.empty()) return {{}, {}, reason};
  Found found = find(s, passes);
  if (!found.cell) return {{}, {}, found.reason};
  Prepared p;
  p.op.cell = found.cell;
  auto layout = std::allocate_shared<RowLayout>(CachedAllocator<RowLayout>());
  p.op.time_major = s.time_major;
  p.op.reverse = s.reverse;
  p.op.time = s.time;
  p.op.masks = found.seen->masks;
  if (auto plan = lay_out(s, *found.cell, threads, *layout)) {
    auto store = memory::make_store(plan->choice, plan->sizes);
    p.op.store = std::shared_ptr<memory::Store>(store.release(), std::default_delete<memory::Store>(),
                                                CachedAllocator<memory::Store>());
  }
  p.op.layout = std::move(layout);
  found.seen->draws.take(static_cast<std::uint64_t>(s.lengths.longest()));
  auto add = [&](const Tensor& x) { p.in.push_back(x); };
  s.inputs.for_each(add);
  s.initial_state.for_each(add);
  for (Trace::Id id : found.cell->step().leaves) add(found.seen->trace.values()[id].tensor);
  return p;
}

template <class O>
CachedVector<Tensor> apply_prepared(O op, std::size_t results, std::initializer_list<const Prepared*> prepared) {
  CachedVector<const Tensor*> in;
  for (const Prepared* p : prepared)
    for (const Tensor& x : p->in) in.push_back(&x);
  CachedVector<Tensor> out(results);
  detail::run(op, detail::op_type<O>, Inputs(in.data(), in.size()), out);
  return out;
}

SequenceResult results(const Sequence& s, std::span<const Tensor> out) {
  std::size_t k = 0;
  auto next = [&](const auto&) { return out[k++]; };
  Nest outputs = s.cell.output_size().map(next);
  return {outputs, s.initial_state.map(next)};
}

}  // namespace

CompiledResult run_compiled(const Sequence& s, const Passes& passes) {
  Prepared p = prepare(s, passes, detail::threads_of_region(num_threads()));
  if (!p.op.cell) return {{}, p.reason};
  CachedVector<Tensor> out = apply_prepared(p.op, p.op.result_count(), {&p});
  return {results(s, out), {}};
}

std::optional<std::array<SequenceResult, 2>> run_compiled_pair(const Sequence& a, const Sequence& b,
                                                               const Passes& passes) {
  if (num_threads() == 1 || !why_not(a).empty() || !why_not(b).empty()) return {};
  // Both have to be known to compile before one of them takes its random streams.
  Found known_a = find(a, passes), known_b = find(b, passes);
  if (!known_a.cell || !known_b.cell || known_a.cell == known_b.cell) return {};
  a.cell.begin_sequence();
  b.cell.begin_sequence();
  Prepared p = prepare(a, passes, 1), q = prepare(b, passes, 1);
  std::size_t of_a = p.op.result_count();
  CachedVector<Tensor> out = apply_prepared(CompiledPair(p.op, q.op), of_a + q.op.result_count(), {&p, &q});
  return std::array{results(a, out), results(b, std::span(out).subspan(of_a))};
}

std::string explain_compiled(const Sequence& s, const Passes& passes) {
  if (std::string reason = why_not(s); !reason.empty()) return "eager: " + reason + "\n";
  Found found = find(s, passes);
  if (!found.cell) return "eager: " + found.reason + "\n";
  std::string text = "compiled\n" + found.cell->print(), memory_text;
  RowLayout layout;
  bool holds_all = true;
  if (auto plan = lay_out(s, *found.cell, num_threads(), layout)) {
    memory_text = "memory: " + to_string(plan->choice, plan->sizes.count, found.cell->pass_times(layout).last());
    holds_all = plan->choice.tier == memory::Choice::Tier::stored;
  }
  if (found.cell->not_lowered().empty()) {
    const Plan& plan = found.cell->plan();
    Wavefront wavefront = find_wavefront(plan, plan.forward, layout, found.cell->team_costs(num_threads()), holds_all);
    if (wavefront.threads() > 1) text += "wavefront: " + to_string(wavefront) + ", on a thread each\n";
  }
  return text + memory_text;
}

}  // namespace unroll::compile
