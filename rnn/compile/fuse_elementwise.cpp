#include <span>

#include "unroll/rnn/compile/passes.hpp"

namespace unroll::compile {
namespace {

using kernels::TileOp;

struct Rule {
  TileOp outer, inner;
  int place;  // of the inner result among the operands of the outer operation
  TileOp fused;
  std::array<int, 3> operands;  // of the fused operation: 0, 1, 2 are those of the inner one, 3, 4, 5 of the outer
};

// These round less than the two operations.
constexpr Rule rounding_rules[] = {
    {TileOp::add, TileOp::multiply, 0, TileOp::multiply_add, {0, 1, 4}},
    {TileOp::add, TileOp::multiply, 1, TileOp::multiply_add, {0, 1, 3}},
    {TileOp::add, TileOp::tanh_gradient, 0, TileOp::add_tanh_gradient, {0, 1, 4}},
    {TileOp::add, TileOp::tanh_gradient, 1, TileOp::add_tanh_gradient, {0, 1, 3}},
    {TileOp::subtract, TileOp::multiply, 0, TileOp::multiply_subtract, {0, 1, 4}},
    {TileOp::subtract, TileOp::multiply, 1, TileOp::negative_multiply_add, {0, 1, 3}},
};

constexpr Rule exact_rules[] = {
    {TileOp::sigmoid_gradient, TileOp::multiply, 1, TileOp::product_sigmoid_gradient, {3, 0, 1}},
    {TileOp::tanh_gradient, TileOp::multiply, 1, TileOp::product_tanh_gradient, {3, 0, 1}},
    {TileOp::multiply, TileOp::tanh, 0, TileOp::multiply_tanh, {4, 0, -1}},
    {TileOp::multiply, TileOp::tanh, 1, TileOp::multiply_tanh, {3, 0, -1}},
};

// How many read each node. What is rounded otherwise when it is fused must not hang on whether there is a backward pass
// that reads it as well: `of_pass` leaves its readers out for nodes of the forward pass.
struct Uses {
  explicit Uses(StepGraph& graph) : all(graph.nodes.size()), of_pass(graph.nodes.size()) {
    auto count = [&](Id id, bool backward) {
      ++all[id];
      if (backward == graph.nodes[id].backward) ++of_pass[id];
    };
    for (const Node& node : graph.nodes) StepGraph::for_each_operand(node, [&](Id id) { count(id, node.backward); });
    for (const auto* parts : {&graph.outputs, &graph.next_states, &graph.input_gradients, &graph.state_gradients})
      for (const Part& part : *parts) count(part.node, graph.nodes[part.node].backward);
    for (const Accumulation& sum : graph.accumulations)
      for (Id id : {sum.a, sum.b})
        if (id != none) count(id, true);
  }
  std::vector<int> all, of_pass;
};

// Sums of products, over the columns of a row or over rows and steps.
void fuse_sums(StepGraph& graph, const Uses& uses) {
  auto is_product = [&](Id id, TileOp op, const std::vector<int>& uses) {
    const Node& n = graph.nodes[id];
    if (n.kind != Node::Kind::elementwise || n.op != op || uses[id] != 1) return false;
    for (Id in : n.in)
      if (graph.nodes[in].width != n.width || graph.nodes[in].is_invariant()) return false;
    return true;
  };
  for (Node& sum : graph.nodes) {
    if (sum.kind != Node::Kind::reduce || sum.op != TileOp::row_sum) continue;
    const Node& x = graph.nodes[sum.in[0]];
    if (x.backward != sum.backward) continue;
    if (is_product(sum.in[0], TileOp::square, uses.of_pass)) {
      sum.op = TileOp::row_sum_of_squares;
      sum.in = x.in;
    } else if (is_product(sum.in[0], TileOp::multiply, uses.of_pass)) {
      sum.op = TileOp::row_sum_of_products;
      sum.in = x.in;
    }
  }
  for (Accumulation& sum : graph.accumulations) {
    if (sum.a != none || !is_product(sum.b, TileOp::multiply, uses.all) || graph.nodes[sum.b].width == 1) continue;
    const Node x = graph.nodes[sum.b];
    sum.a = x.in[0];
    sum.b = x.in[1];
    sum.by_column = true;
  }
}

void apply(std::span<const Rule> rules, StepGraph& graph, const std::vector<int>& uses) {
  for (Node& outer : graph.nodes) {
    if (outer.kind != Node::Kind::elementwise) continue;
    for (const Rule& rule : rules) {
      if (rule.outer != outer.op) continue;
      Id id = outer.in[rule.place];
      const Node& inner = graph.nodes[id];
      if (inner.kind != Node::Kind::elementwise || inner.op != rule.inner || uses[id] != 1 ||
          inner.backward != outer.backward || inner.width != outer.width)
        continue;
      std::vector<Id> in;
      for (int k : rule.operands)
        if (k >= 0) in.push_back(k < 3 ? inner.in[k] : outer.in[k - 3]);
      outer.op = rule.fused;
      outer.in = std::move(in);
      break;
    }
  }
}

}  // namespace

void fuse_elementwise(StepGraph& graph) {
  Uses uses(graph);
  fuse_sums(graph, uses);
  apply(rounding_rules, graph, uses.of_pass);
  remove_dead(graph);
  apply(exact_rules, graph, Uses(graph).all);
  remove_dead(graph);
}

}  // namespace unroll::compile
