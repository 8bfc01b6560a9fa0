#include "unroll/rnn/compile/planner.hpp"

namespace unroll::compile {

// Whether two products have the same factors but for the matrices.
bool Planner::can_join(Id a, Id b) const {
  const Node &x = g_.nodes[a], &y = g_.nodes[b];
  if (x.width != y.width || x.width == 1 || x.terms.size() != y.terms.size() || x.in.size() != y.in.size() ||
      x.columns.empty() != y.columns.empty())
    return false;
  for (std::size_t k = 0; k < x.terms.size(); ++k)
    if (x.terms[k].a != y.terms[k].a || x.terms[k].b.k != y.terms[k].b.k) return false;
  return true;
}

// Whether b's buffer lies right behind a's.
bool Planner::follow(Ref a, Ref b) const {
  if (a.kind != Ref::Kind::buffer || b.kind != Ref::Kind::buffer || b.index != a.index + 1) return false;
  const Buffer &x = plan_.buffers[a.index], &y = plan_.buffers[b.index];
  bool plain = x.place == Buffer::Place::step || x.place == Buffer::Place::chunk || x.place == Buffer::Place::kept;
  return plain && x.place == y.place && x.width == y.width && x.needed_backward == y.needed_backward;
}

// Values that are summed with the same factor lie side by side.
void Planner::place_summed() {
  for (std::size_t k = 0; k < g_.accumulations.size(); ++k) {
    const Accumulation& first = g_.accumulations[k];
    for (const Accumulation& sum : g_.accumulations) {
      if (sum.target != first.target || sum.by_column || (sum.a != first.a && !first.by_column)) continue;
      const Node& b = g_.nodes[sum.b];
      if (places_[sum.b] || !mine(sum.b) || b.kind != Node::Kind::elementwise) continue;
      places_[sum.b] = buffer(Buffer::Place::chunk, b.width);
    }
  }
}

// Within a stage: products as soon as they can run, then all that can be computed without another product.
void Planner::group() {
  groups_.resize(static_cast<std::size_t>(s_.stages()));
  group_of_.assign(g_.nodes.size(), -1);
  int groups = 0;
  for (int stage = 0; stage < s_.stages(); ++stage) {
    std::set<Id> left;
    for (std::size_t k = 0; k < g_.nodes.size(); ++k)
      if (s_.stage[k] == stage) left.insert(static_cast<Id>(k));
    auto ready = [&](Id id) {
      bool all = true;
      StepGraph::for_each_operand(g_.nodes[id], [&](Id in) { all = all && !left.contains(in); });
      return all;
    };
    while (!left.empty()) {
      std::vector<Id> products;
      std::size_t new_groups = 0;
      for (Id id : left)
        if (g_.nodes[id].kind == Node::Kind::affine && ready(id)) products.push_back(id);
      for (Id id : products) {
        auto joins = [&](const Group& group) { return group.product && can_join(group.nodes[0], id); };
        auto first = groups_[stage].end() - static_cast<std::ptrdiff_t>(new_groups);
        auto found = std::find_if(first, groups_[stage].end(), joins);
        if (found != groups_[stage].end()) {
          found->nodes.push_back(id);
          group_of_[id] = group_of_[found->nodes[0]];
        } else {
          groups_[stage].push_back({true, {id}});
          group_of_[id] = groups++;
          ++new_groups;
        }
        left.erase(id);
      }
      Group program{false, {}};
      Index width = 0;  // of all that is wider than 1
      for (bool found = true; found;) {
        found = false;
        for (auto it = left.begin(); it != left.end();) {
          Id id = *it++;
          const Node& n = g_.nodes[id];
          if (n.kind == Node::Kind::affine || !ready(id)) continue;
          Index own = n.kind == Node::Kind::reduce ? g_.nodes[n.in[0]].width : n.width;
          if (own > 1 && width > 1 && own != width) continue;
          width = std::max(width, own);
          program.nodes.push_back(id);
          group_of_[id] = groups;
          left.erase(id);
          found = true;
        }
      }
      if (!program.nodes.empty()) {
        groups_[stage].push_back(std::move(program));
        ++groups;
      } else if (products.empty()) {
        raise<RuntimeError>("dynamic_rnn", "the step graph of a loop has no order");
      }
    }
  }
}

void Planner::place_sources() {
  std::vector<bool> read(g_.nodes.size());
  for (std::size_t k = 0; k < g_.nodes.size(); ++k)
    if (mine(static_cast<Id>(k))) StepGraph::for_each_operand(g_.nodes[k], [&](Id id) { read[id] = true; });
  if (s_.backward)
    for (const Accumulation& sum : g_.accumulations)
      for (Id id : {sum.a, sum.b})
        if (id != none) read[id] = true;
  for (std::size_t k = 0; k < g_.nodes.size(); ++k) {
    const Node& n = g_.nodes[k];
    bool gradient = n.kind == Node::Kind::output_gradient;
    bool mask = n.kind == Node::Kind::mask;
    if (!read[k] || (n.kind != Node::Kind::input && !gradient && !mask)) continue;
    places_[k] = buffer(Buffer::Place::chunk, n.width);
    (gradient ? pass_.gradients_in
     : mask   ? pass_.masks
              : pass_.in)
        .push_back({n.leaf, n.first, n.width, *places_[k], 0, 0});
  }
  for (const Recurrence& r : s_.recurrences) {
    Ref at = buffer(s_.backward ? Buffer::Place::gradient : Buffer::Place::state, r.width);
    if (s_.backward && s_.stage[r.next] % 2 == 0) {
      plan_.buffers.pop_back();  // not handed on: placed like any other value
    } else {
      places_[r.next] = at;
    }
    if (r.source != none) places_[r.source] = {s_.backward ? Ref::Kind::incoming : Ref::Kind::before, at.index};
  }
}

void Planner::place_values() {
  std::vector<std::vector<Id>> users = g_.users();
  std::vector<bool> kept(g_.nodes.size()), given(g_.nodes.size());
  if (!s_.backward) {
    // Operands of the backward pass.
    auto keep = [&](Id id) {
      if (id == none || g_.nodes[id].backward || g_.nodes[id].is_invariant()) return;
      kept[id] = true;
      if (places_[id] && g_.nodes[id].kind == Node::Kind::state)
        plan_.buffers[places_[id]->index].needed_backward = true;
    };
    for (const Node& n : g_.nodes)
      if (n.backward) StepGraph::for_each_operand(n, keep);
    for (const Accumulation& sum : g_.accumulations) {
      keep(sum.a);
      keep(sum.b);
    }
    // A state that only the backward pass reads.
    for (std::size_t k = 0; k < g_.nodes.size(); ++k) {
      const Node& n = g_.nodes[k];
      if (n.kind != Node::Kind::state || !kept[k] || places_[k]) continue;
      for (const Recurrence& r : s_.recurrences)
        if (r.leaf == n.leaf && r.first == n.first) {
          places_[k] = Ref{Ref::Kind::before, places_[r.next]->index};
          plan_.buffers[places_[k]->index].needed_backward = true;
        }
    }
  }
  for (const Part& part : s_.backward ? g_.input_gradients : g_.outputs) given[part.node] = true;
  if (s_.backward)
    for (const Accumulation& sum : g_.accumulations)
      for (Id id : {sum.a, sum.b})
        if (id != none) given[id] = true;
  for (const Part& part : s_.backward ? g_.state_gradients : g_.next_states) given[part.node] = true;

  if (s_.backward) place_summed();
  // From the last to the first, so that the place of a sum is known when what it begins with is placed.
  std::vector<Id> order;
  for (std::size_t stage = groups_.size(); stage-- > 0;)
    for (std::size_t k = groups_[stage].size(); k-- > 0;)
      order.insert(order.end(), groups_[stage][k].nodes.begin(), groups_[stage][k].nodes.end());
  for (Id id : order) {
    const Node& n = g_.nodes[id];
    if (places_[id]) {  // a state, or its gradient
      if (kept[id]) plan_.buffers[places_[id]->index].needed_backward = true;
      continue;
    }
    bool same_group = n.kind != Node::Kind::affine && !kept[id] && !given[id];
    bool same_stage = s_.stage[id] % 2 == 1 && !kept[id] && !given[id];
    for (Id user : users[id]) {
      if (!mine(user)) continue;
      same_group = same_group && group_of_[user] == group_of_[id];
      same_stage = same_stage && s_.stage[user] == s_.stage[id];
    }
    if (same_group) continue;
    // A sum continues in the place of what it begins with.
    if (users[id].size() == 1 && !kept[id] && !given[id]) {
      const Node& user = g_.nodes[users[id][0]];
      if (mine(users[id][0]) && user.kind == Node::Kind::affine && !user.in.empty() && user.in[0] == id &&
          places_[users[id][0]]) {
        Buffer& place = plan_.buffers[places_[users[id][0]]->index];
        bool in_place = place.place == Buffer::Place::chunk || place.place == Buffer::Place::kept;
        if (place.place == Buffer::Place::step && !same_stage) {
          place.place = Buffer::Place::chunk;
          in_place = true;
        }
        if (in_place || (same_stage && place.place == Buffer::Place::step)) {
          places_[id] = places_[users[id][0]];
          continue;
        }
      }
    }
    Buffer::Place place = kept[id] ? Buffer::Place::kept : same_stage ? Buffer::Place::step : Buffer::Place::chunk;
    places_[id] = buffer(place, n.width);
    plan_.buffers.back().needed_backward = kept[id];
  }
}

Plan make_plan(StepGraph graph, const LeafWidths& widths, bool backward, const Passes& passes) {
  Plan plan;
  remove_dead(graph);
  if (passes.merge) merge_sums(graph);
  if (backward && passes.recompute) recompute(graph);
  if (passes.fuse) fuse_elementwise(graph);
  plan.graph = std::move(graph);
  plan.has_backward = backward;
  Schedule forward = schedule(plan.graph, false, passes.hoist), back;
  if (backward) back = schedule(plan.graph, true, passes.hoist);
  forward.stage.resize(plan.graph.nodes.size(), -1);
  std::vector<std::optional<Ref>> places;
  Planner(plan, forward, plan.forward, places).run();
  if (backward) {
    // Inputs are copied into buffers of this pass.
    for (std::size_t k = 0; k < places.size(); ++k)
      if (plan.graph.nodes[k].kind == Node::Kind::input || plan.graph.nodes[k].kind == Node::Kind::mask)
        places[k].reset();
    Planner(plan, back, plan.backward, places).run();
  }
  auto set = [](std::vector<Copy>& copies, const std::vector<Index>& of_leaves) {
    for (Copy& copy : copies) copy.leaf_width = of_leaves[copy.leaf];
  };
  for (Pass* pass : {&plan.forward, &plan.backward}) {
    set(pass->in, widths.inputs);
    set(pass->gradients_in, widths.outputs);
    set(pass->out, pass == &plan.forward ? widths.outputs : widths.inputs);
    set(pass->states, widths.states);
  }
  return plan;
}

}  // namespace unroll::compile
