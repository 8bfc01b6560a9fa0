#include <algorithm>

#include "unroll/rnn/compile/passes.hpp"

namespace unroll::compile {

std::vector<std::vector<Id>> StepGraph::users() const {
  std::vector<std::vector<Id>> users(nodes.size());
  for (std::size_t k = 0; k < nodes.size(); ++k)
    for_each_operand(nodes[k], [&](Id id) { users[id].push_back(static_cast<Id>(k)); });
  return users;
}

void remove_dead(StepGraph& graph) {
  constexpr Id open = -2;
  std::vector<Id> place(graph.nodes.size(), none), stack;
  std::vector<Node> order;
  graph.for_each_result([&](Id& id) { stack.push_back(id); });
  // Sources stay: they are what the step is given.
  for (std::size_t k = 0; k < graph.nodes.size(); ++k)
    if (graph.nodes[k].is_source()) stack.push_back(static_cast<Id>(k));
  std::reverse(stack.begin(), stack.end());
  while (!stack.empty()) {
    Id id = stack.back();
    if (place[id] >= 0) {
      stack.pop_back();
    } else if (place[id] == open) {
      stack.pop_back();
      place[id] = static_cast<Id>(order.size());
      order.push_back(graph.nodes[id]);
    } else {
      place[id] = open;
      StepGraph::for_each_operand(graph.nodes[id], [&](Id in) {
        if (place[in] == none) stack.push_back(in);
      });
    }
  }
  for (Node& node : order) StepGraph::for_each_operand(node, [&](Id& id) { id = place[id]; });
  graph.for_each_result([&](Id& id) { id = place[id]; });
  graph.nodes = std::move(order);
}

}  // namespace unroll::compile
