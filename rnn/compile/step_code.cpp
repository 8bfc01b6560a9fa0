#include "unroll/rnn/compile/step_code.hpp"

#include <algorithm>
#include <sstream>

namespace unroll::compile {
namespace {

using Kind = Lowering::Kind;

class CodeMaker {
 public:
  CodeMaker(const StepTrace& step, StepCode& code)
      : step_(step), trace_(step.trace), code_(code), varies_(trace_.values().size()) {
    for (const auto* ids : {&step.inputs, &step.states, &step.output_seeds, &step.state_seeds})
      for (Trace::Id id : *ids) varies_[id] = true;
    for (const Trace::Node& n : trace_.nodes()) {
      bool varies = n.op->lowering().kind == Kind::dropout;
      for (Trace::Id id : trace_.inputs(n)) varies = varies || varies_[id];
      for (std::uint32_t k = 0; k < n.output_count; ++k) varies_[n.first_output + k] = varies;
    }
  }

  void run(bool gradients) {
    CachedVector<Trace::Id> results = step_.outputs;
    results.insert(results.end(), step_.next_states.begin(), step_.next_states.end());
    if (gradients) {
      backward();
      for (const KeptValue& k : code_.kept) results.push_back(k.value);
    }
    sweep(
        results, step_.forward_nodes, [](const Trace::Node&) { return true; }, code_.before, code_.forward);
  }

 private:
  using Bits = std::vector<bool>;

  bool is_view(const Trace::Node& n) const { return n.op->lowering().kind == Kind::reshape; }
  const Trace::Node& node(std::uint32_t number) const { return trace_.nodes()[number]; }
  std::uint32_t number(const Trace::Node& n) const { return static_cast<std::uint32_t>(&n - trace_.nodes().data()); }

  // The nodes below `end` that the results depend on, in their order, as far as `enter` says so of those that vary.
  template <class Enter>
  Bits sweep(std::span<const Trace::Id> results, std::size_t end, Enter&& enter, std::vector<std::uint32_t>& before,
             std::vector<StepOp>& code) {
    Bits needed(trace_.values().size());
    for (Trace::Id id : results) needed[id] = true;
    Bits alive = needed;
    for (std::size_t k = end; k-- > 0;) {
      const Trace::Node& n = trace_.nodes()[k];
      bool read = false;
      for (std::uint32_t o = 0; o < n.output_count; ++o) read = read || needed[n.first_output + o];
      bool varies = varies_[n.first_output];
      if (!read || (varies && !enter(n))) continue;
      if (!varies) {
        for (Trace::Id id : trace_.inputs(n)) needed[id] = true;
        before.push_back(static_cast<std::uint32_t>(k));
        continue;
      }
      StepOp op{static_cast<std::uint32_t>(k), mask_of(n), -1, {}};
      auto last = [&](Trace::Id id) {
        if (varies_[id] && !alive[id]) op.last_reads.push_back(id);
        alive[id] = true;
      };
      for (std::uint32_t o = 0; o < n.output_count; ++o) last(n.first_output + o);
      for (Trace::Id id : trace_.inputs(n)) {
        needed[id] = true;
        last(id);
      }
      code.push_back(std::move(op));
    }
    std::reverse(before.begin(), before.end());
    std::reverse(code.begin(), code.end());
    return needed;
  }

  int mask_of(const Trace::Node& n) const {
    Lowering l = n.op->lowering();
    if (l.kind != Kind::dropout) return -1;
    for (std::size_t k = 0; k < step_.masks.size(); ++k)
      if (step_.masks[k].words == l.mask) return static_cast<int>(k);
    raise<Unsupported>(n.op->name(), "a gradient drops other elements than the step");
  }

  bool of_backward(const Trace::Node& n) const { return number(n) >= step_.forward_nodes; }

  // The value whose sum over the steps is the gradient of a leaf, taken apart where ops add by themselves.
  void expand(Trace::Id id, int leaf, const std::vector<int>& uses) {
    const Trace::Value& v = trace_.values()[id];
    bool own = v.source == Trace::Source::node && varies_[id] && of_backward(node(v.node)) && uses[id] == 1 &&
               node(v.node).output_count == 1;
    if (own) {
      const Trace::Node& n = node(v.node);
      Lowering l = n.op->lowering();
      auto in = trace_.inputs(n);
      auto shape = [&](Trace::Id k) { return trace_.values()[k].spec.shape; };
      if (l.kind == Kind::reshape) return expand(in[0], leaf, uses);
      if (l.kind == Kind::elementwise && l.op == kernels::TileOp::add && shape(in[0]) == v.spec.shape &&
          shape(in[1]) == v.spec.shape) {
        expand(in[0], leaf, uses);
        return expand(in[1], leaf, uses);
      }
      sums_.push_back({leaf, id});
      return;
    }
    code_.contributions.push_back({leaf, id});
  }

  void backward() {
    auto enter = [&](const Trace::Node& n) { return of_backward(n) || is_view(n); };
    std::vector<Trace::Id> states;
    for (const auto* ids : {&step_.input_gradients, &step_.state_gradients})
      for (const auto& id : *ids)
        if (id) states.push_back(*id);
    std::vector<Trace::Id> results = states;
    for (const auto& id : step_.leaf_gradients)
      if (id) results.push_back(*id);
    std::vector<std::uint32_t> before;
    std::vector<StepOp> all;
    sweep(results, trace_.nodes().size(), enter, before, all);
    std::vector<int> uses(trace_.values().size());
    for (const StepOp& op : all)
      for (Trace::Id id : trace_.inputs(node(op.node))) ++uses[id];
    for (Trace::Id id : results) ++uses[id];
    for (std::size_t k = 0; k < step_.leaf_gradients.size(); ++k)
      if (step_.leaf_gradients[k]) expand(*step_.leaf_gradients[k], static_cast<int>(k), uses);
    results = states;
    for (const auto* list : {&code_.contributions, &sums_})
      for (const Contribution& c : *list) results.push_back(c.value);

    Bits needed = sweep(results, trace_.nodes().size(), enter, code_.before_backward, code_.backward);
    for (StepOp& op : code_.backward)
      for (const Contribution& c : sums_)
        if (c.value == node(op.node).first_output) {
          op.sum = c.leaf;
          op.last_reads.push_back(c.value);
        }
    for (Trace::Id id : step_.inputs) code_.reads_input.push_back(needed[id]);
    auto keep = [&](Trace::Id id) {
      const TensorSpec& spec = trace_.values()[id].spec;
      code_.kept.push_back({id, code_.kept_bytes});
      constexpr Index line = 64;
      code_.kept_bytes += (spec.shape.size() * static_cast<Index>(size_of(spec.dtype)) + line - 1) / line * line;
    };
    for (Trace::Id id : step_.states)
      if (needed[id]) keep(id);
    for (std::size_t k = 0; k < step_.forward_nodes; ++k) {
      const Trace::Node& n = trace_.nodes()[k];
      if (!varies_[n.first_output] || is_view(n)) continue;
      for (std::uint32_t o = 0; o < n.output_count; ++o)
        if (needed[n.first_output + o]) keep(n.first_output + o);
    }
  }

  const StepTrace& step_;
  const Trace& trace_;
  StepCode& code_;
  Bits varies_;
  std::vector<Contribution> sums_;
};

}  // namespace

StepCode::StepCode(const StepTrace& step, bool gradients) { CodeMaker(step, *this).run(gradients); }

std::string print_code(const StepTrace& step, const StepCode& code) {
  std::ostringstream out;
  const Trace& trace = step.trace;
  auto line = [&](std::uint32_t number) {
    const Trace::Node& n = trace.nodes()[number];
    out << "    ";
    for (std::uint32_t k = 0; k < n.output_count; ++k) out << (k ? ", v" : "v") << n.first_output + k;
    out << " = " << n.op->name() << "(";
    std::string_view between = "";
    for (Trace::Id id : trace.inputs(n)) {
      out << between << "v" << id;
      between = ", ";
    }
    out << "): " << trace.values()[n.first_output].spec << "\n";
  };
  auto pass = [&](std::string_view name, const std::vector<std::uint32_t>& before, const std::vector<StepOp>& ops) {
    out << name << "\n";
    if (!before.empty()) out << "  before the steps\n";
    for (std::uint32_t number : before) line(number);
    out << "  at every step\n";
    for (const StepOp& op : ops) line(op.node);
  };
  pass("forward", code.before, code.forward);
  if (!code.backward.empty()) pass("backward", code.before_backward, code.backward);
  out << "kept for backward: " << code.kept_bytes << " bytes per step\n";
  return out.str();
}

}  // namespace unroll::compile
