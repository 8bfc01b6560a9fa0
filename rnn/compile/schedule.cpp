#include "unroll/rnn/compile/schedule.hpp"

#include <algorithm>

namespace unroll::compile {
namespace {

// Products with so few columns cost less inside of a loop than a pass over their sum outside.
constexpr Index least_hoisted = 17;

class Scheduler {
 public:
  Scheduler(StepGraph& graph, bool backward) : g_(graph) { s_.backward = backward; }

  Schedule run(bool hoist) {
    find_recurrences();
    find_dependences();
    find_loops();
    assign_stages();
    sink();
    if (hoist) hoist_products();
    copy_out_of_loops();
    return std::move(s_);
  }

 private:
  using Bits = std::vector<bool>;

  bool mine(const Node& n) const { return n.backward == s_.backward && !n.is_source() && !n.is_invariant(); }
  bool mine(Id id) const { return mine(g_.nodes[id]); }
  int recurrence_of(Id source) const {
    for (std::size_t r = 0; r < s_.recurrences.size(); ++r)
      if (s_.recurrences[r].source == source) return static_cast<int>(r);
    return -1;
  }
  Id append(Node node, int stage) {
    g_.nodes.push_back(std::move(node));
    s_.stage.push_back(stage);
    return static_cast<Id>(g_.nodes.size() - 1);
  }

  void find_recurrences();
  void find_dependences();
  void find_loops();
  void assign_stages();
  void sink();
  void hoist_products();
  void copy_out_of_loops();
  int stage_of_operand(Id id) const;

  StepGraph& g_;
  Schedule s_;
  std::vector<Bits> depends_;  // node on recurrence's source
  std::vector<Bits> reaches_;  // node to recurrence's next value
};

void Scheduler::find_recurrences() {
  auto kind = s_.backward ? Node::Kind::state_gradient : Node::Kind::state;
  std::vector<int> uses(g_.nodes.size());
  for (const Node& node : g_.nodes)
    if (mine(node)) StepGraph::for_each_operand(node, [&](Id id) { ++uses[id]; });
  if (s_.backward)
    for (const Accumulation& sum : g_.accumulations)
      for (Id id : {sum.a, sum.b})
        if (id != none) ++uses[id];
  for (const Part& part : s_.backward ? g_.state_gradients : g_.next_states) {
    Id source = none;
    for (std::size_t k = 0; k < g_.nodes.size(); ++k) {
      const Node& n = g_.nodes[k];
      if (n.kind == kind && n.leaf == part.leaf && n.first == part.first && uses[k]) source = static_cast<Id>(k);
    }
    s_.recurrences.push_back({source, part.node, part.leaf, part.first, part.width, -1});
  }
}

void Scheduler::find_dependences() {
  std::size_t count = s_.recurrences.size();
  depends_.assign(g_.nodes.size(), Bits(count));
  reaches_.assign(g_.nodes.size(), Bits(count));
  for (std::size_t k = 0; k < g_.nodes.size(); ++k) {
    if (int r = recurrence_of(static_cast<Id>(k)); r >= 0) depends_[k][r] = true;
    if (!mine(static_cast<Id>(k))) continue;
    StepGraph::for_each_operand(g_.nodes[k], [&](Id id) {
      for (std::size_t r = 0; r < count; ++r)
        if (depends_[id][r]) depends_[k][r] = true;
    });
  }
  for (std::size_t r = 0; r < count; ++r) reaches_[s_.recurrences[r].next][r] = true;
  for (std::size_t k = g_.nodes.size(); k-- > 0;) {
    if (!mine(static_cast<Id>(k))) continue;
    StepGraph::for_each_operand(g_.nodes[k], [&](Id id) {
      for (std::size_t r = 0; r < count; ++r)
        if (reaches_[k][r]) reaches_[id][r] = true;
    });
  }
}

void Scheduler::find_loops() {
  std::size_t count = s_.recurrences.size();
  std::vector<Bits> leads(count, Bits(count));  // source r to next value of s, over any number of steps
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t s = 0; s < count; ++s) leads[r][s] = depends_[s_.recurrences[s].next][r];
    if (s_.recurrences[r].source != none) leads[r][r] = true;  // its last value has to be handed on at least
  }
  for (std::size_t k = 0; k < count; ++k)
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t s = 0; s < count; ++s)
        if (leads[r][k] && leads[k][s]) leads[r][s] = true;
  // Loops in an order in which each comes after those it depends on.
  for (;;) {
    int chosen = -1;
    for (std::size_t r = 0; r < count && chosen < 0; ++r) {
      if (s_.recurrences[r].loop >= 0 || !leads[r][r]) continue;
      bool ready = true;
      for (std::size_t k = 0; k < count; ++k)
        if (leads[k][k] && s_.recurrences[k].loop < 0 && leads[k][r] && !leads[r][k]) ready = false;
      if (ready) chosen = static_cast<int>(r);
    }
    if (chosen < 0) return;
    for (std::size_t k = 0; k < count; ++k)
      if (static_cast<int>(k) == chosen || (leads[k][chosen] && leads[chosen][k])) s_.recurrences[k].loop = s_.loops;
    ++s_.loops;
  }
}

// The first stage in which the value can be read.
int Scheduler::stage_of_operand(Id id) const {
  if (int r = recurrence_of(id); r >= 0) return 2 * s_.recurrences[r].loop + 2;  // for readers outside of that loop
  int stage = s_.stage[id];
  return stage < 0 ? 0 : stage + (stage & 1);
}

void Scheduler::assign_stages() {
  s_.stage.assign(g_.nodes.size(), -1);
  for (std::size_t k = 0; k < g_.nodes.size(); ++k) {
    if (!mine(static_cast<Id>(k))) continue;
    int loop = -1;
    for (std::size_t r = 0; r < s_.recurrences.size(); ++r)
      for (std::size_t s = 0; s < s_.recurrences.size(); ++s)
        if (depends_[k][r] && reaches_[k][s] && s_.recurrences[r].loop >= 0 &&
            s_.recurrences[r].loop == s_.recurrences[s].loop)
          loop = s_.recurrences[r].loop;
    if (loop >= 0) {
      s_.stage[k] = 2 * loop + 1;
      continue;
    }
    int stage = 0;
    StepGraph::for_each_operand(g_.nodes[k], [&](Id id) { stage = std::max(stage, stage_of_operand(id)); });
    s_.stage[k] = stage;
  }
  // A value that is handed on but computed outside of the loop enters it as a copy; so does a gradient that is read
  // outside, as only that of the last step is at hand.
  std::vector<std::vector<Id>> users = g_.users();
  std::vector<int> results(g_.nodes.size());
  g_.for_each_result([&](Id& id) { ++results[id]; });
  for (Recurrence& r : s_.recurrences) {
    if (r.loop < 0) continue;
    int stage = 2 * r.loop + 1;
    bool inside = s_.stage[r.next] == stage;
    if (s_.backward) {
      inside = inside && results[r.next] == 1;
      for (Id user : users[r.next]) inside = inside && s_.stage[user] == stage;
    }
    if (inside) continue;
    Node copy{.kind = Node::Kind::elementwise, .backward = s_.backward, .width = r.width, .in = {r.next}};
    Id id = append(std::move(copy), stage);
    for (Part& part : s_.backward ? g_.state_gradients : g_.next_states)
      if (part.leaf == r.leaf && part.first == r.first) part.node = id;
    r.next = id;
  }
}

// What only one loop reads, and is cheap, is computed inside: its operands are read once instead of its result being
// written and read.
void Scheduler::sink() {
  std::vector<std::vector<Id>> users = g_.users();
  std::vector<bool> needed(g_.nodes.size());
  g_.for_each_result([&](Id& id) { needed[id] = true; });
  for (std::size_t k = g_.nodes.size(); k-- > 0;) {
    const Node& node = g_.nodes[k];
    if (!mine(node) || node.kind != Node::Kind::elementwise || (s_.stage[k] & 1) || needed[k] || users[k].empty())
      continue;
    int loop = s_.stage[users[k][0]];
    bool same = loop > 0 && (loop & 1);
    for (Id user : users[k]) same = same && s_.stage[user] == loop && g_.nodes[user].backward == s_.backward;
    if (same) s_.stage[k] = loop;
  }
}

void Scheduler::hoist_products() {
  for (std::size_t k = 0, count = g_.nodes.size(); k < count; ++k) {
    int stage = s_.stage[k];
    if (stage < 0 || !(stage & 1) || g_.nodes[k].kind != Node::Kind::affine) continue;
    Node before{.kind = Node::Kind::affine, .backward = s_.backward, .width = g_.nodes[k].width};
    std::vector<Term> inside;
    int earliest = 0;
    for (const Term& term : g_.nodes[k].terms) {
      int from = stage_of_operand(term.a);
      if (from < stage && term.b.k >= least_hoisted) {
        before.terms.push_back(term);
        earliest = std::max(earliest, from);
      } else {
        inside.push_back(term);
      }
    }
    if (before.terms.empty() || inside.empty()) continue;
    before.columns = std::move(g_.nodes[k].columns);
    g_.nodes[k].columns.clear();
    g_.nodes[k].terms = std::move(inside);
    Id id = append(std::move(before), earliest);
    g_.nodes[k].in.push_back(id);
  }
}

// Gradients of a state exist for one step at a time: what is read elsewhere is a copy. Likewise an accumulation reads
// values of a whole chunk.
void Scheduler::copy_out_of_loops() {
  if (!s_.backward) return;
  std::vector<Id> copies(g_.nodes.size(), none);
  auto outside = [&](Id& id) {
    int r = recurrence_of(id);
    if (r < 0) return;
    if (copies[id] == none) {
      Node copy{.kind = Node::Kind::elementwise, .backward = true, .width = s_.recurrences[r].width, .in = {id}};
      copies[id] = append(std::move(copy), 2 * s_.recurrences[r].loop + 1);
    }
    id = copies[id];
  };
  for (std::size_t k = 0, count = copies.size(); k < count; ++k) {
    if (!mine(static_cast<Id>(k))) continue;
    int stage = s_.stage[k];
    StepGraph::for_each_operand(g_.nodes[k], [&](Id& id) {
      int r = recurrence_of(id);
      if (r >= 0 && stage != 2 * s_.recurrences[r].loop + 1) outside(id);
    });
  }
  for (Accumulation& sum : g_.accumulations) {
    int stage = 0;
    for (Id* id : {&sum.a, &sum.b}) {
      if (*id == none) continue;
      outside(*id);
      stage = std::max(stage, stage_of_operand(*id));
    }
    s_.accumulation_stage.push_back(stage);
  }
}

}  // namespace

Schedule schedule(StepGraph& graph, bool backward, bool hoist) { return Scheduler(graph, backward).run(hoist); }

}  // namespace unroll::compile
