#include <set>

#include "unroll/rnn/compile/passes.hpp"

namespace unroll::compile {

void recompute(StepGraph& graph) {
  auto computed_forward = [&](Id id) { return !graph.nodes[id].backward && !graph.nodes[id].is_invariant(); };
  std::set<Id> kept;
  for (const Node& node : graph.nodes)
    if (node.backward)
      StepGraph::for_each_operand(node, [&](Id id) {
        if (computed_forward(id)) kept.insert(id);
      });
  for (const Accumulation& sum : graph.accumulations)
    for (Id id : {sum.a, sum.b})
      if (id != none && computed_forward(id)) kept.insert(id);

  // A state before the step and after it lie in one place.
  auto available = [&](Id id) {
    if (kept.contains(id) || graph.nodes[id].is_invariant() || graph.nodes[id].kind == Node::Kind::input ||
        graph.nodes[id].kind == Node::Kind::mask)
      return true;
    for (const Part& part : graph.next_states) {
      if (part.node != id) continue;
      for (Id other : kept)
        if (graph.nodes[other].kind == Node::Kind::state && graph.nodes[other].leaf == part.leaf &&
            graph.nodes[other].first == part.first)
          return true;
    }
    return false;
  };
  std::vector<Id> again;
  for (auto it = kept.end(); it != kept.begin();) {
    Id id = *--it;
    const Node& node = graph.nodes[id];
    if (node.kind != Node::Kind::elementwise) continue;
    bool is_state = false;
    for (const Part& part : graph.next_states) is_state |= part.node == id && available(id);
    bool possible = !is_state;
    for (Id in : node.in) possible = possible && available(in);
    if (!possible) continue;
    it = kept.erase(it);
    again.push_back(id);
  }

  std::vector<Id> clone(graph.nodes.size(), none);
  std::size_t count = graph.nodes.size();
  for (Id id : again) {
    Node node = graph.nodes[id];
    node.backward = true;
    clone[id] = static_cast<Id>(graph.nodes.size());
    graph.nodes.push_back(std::move(node));
  }
  auto redirect = [&](Id& id) {
    if (id != none && static_cast<std::size_t>(id) < count && clone[id] != none) id = clone[id];
  };
  for (Node& node : graph.nodes)
    if (node.backward) StepGraph::for_each_operand(node, redirect);
  for (Accumulation& sum : graph.accumulations) {
    redirect(sum.a);
    redirect(sum.b);
  }
  remove_dead(graph);
}

}  // namespace unroll::compile
