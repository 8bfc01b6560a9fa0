#include "unroll/rnn/compile/builder.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace unroll::compile {
namespace {

using kernels::TileOp;

auto key(const Node& n) {
  return std::tie(n.kind, n.op, n.backward, n.width, n.leaf, n.first, n.tensor, n.value, n.in, n.terms, n.columns);
}

std::size_t hash(const Node& n) {
  std::size_t h = static_cast<std::size_t>(n.kind) * 64 + static_cast<std::size_t>(n.op);
  auto mix = [&](std::size_t v) { h = h * 1000003 + v; };
  mix(static_cast<std::size_t>(n.width));
  mix(static_cast<std::size_t>(n.first));
  StepGraph::for_each_operand(n, [&](Id id) { mix(static_cast<std::size_t>(id)); });
  return h;
}

}  // namespace

bool Builder::is_number(Id id, double value) const {
  const Node& n = graph_.nodes[id];
  return n.kind == Node::Kind::number && n.value == value;
}

// An operand that is the result, or none.
Id Builder::simpler(const Node& n) const {
  if (n.kind != Node::Kind::elementwise) return none;
  auto keeps = [&](Id id) { return graph_.nodes[id].width == n.width ? id : none; };
  switch (n.op) {
    case TileOp::copy:
      return keeps(n.in[0]);
    case TileOp::add:
      if (is_number(n.in[1], 0)) return keeps(n.in[0]);
      return is_number(n.in[0], 0) ? keeps(n.in[1]) : none;
    case TileOp::subtract:
      return is_number(n.in[1], 0) ? keeps(n.in[0]) : none;
    case TileOp::multiply:
      if (is_number(n.in[1], 1)) return keeps(n.in[0]);
      return is_number(n.in[0], 1) ? keeps(n.in[1]) : none;
    case TileOp::divide:
      return is_number(n.in[1], 1) ? keeps(n.in[0]) : none;
    default:
      return none;
  }
}

Id Builder::add(Node node) {
  StepGraph::for_each_operand(node, [&](Id id) { node.backward |= graph_.nodes[id].backward; });
  if (node.kind == Node::Kind::output_gradient || node.kind == Node::Kind::state_gradient) node.backward = true;
  if (fold_) {
    if (Id id = simpler(node); id != none) return id;
    auto [first, last] = known_.equal_range(hash(node));
    for (; first != last; ++first)
      if (key(graph_.nodes[first->second]) == key(node)) return first->second;
    known_.emplace(hash(node), static_cast<Id>(graph_.nodes.size()));
  }
  graph_.nodes.push_back(std::move(node));
  return static_cast<Id>(graph_.nodes.size() - 1);
}

Id Builder::copy(Id x) {
  const Node& n = graph_.nodes[x];
  Node node{.kind = Node::Kind::elementwise, .op = TileOp::copy, .backward = n.backward, .width = n.width, .in = {x}};
  graph_.nodes.push_back(std::move(node));
  return static_cast<Id>(graph_.nodes.size() - 1);
}

Id Builder::elementwise(TileOp op, std::vector<Id> in) {
  Index width = 1;
  for (Id id : in) width = std::max(width, graph_.nodes[id].width);
  return add({.kind = Node::Kind::elementwise, .op = op, .width = width, .in = std::move(in)});
}

}  // namespace unroll::compile
