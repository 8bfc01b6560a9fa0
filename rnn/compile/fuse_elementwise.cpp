#include <algorithm>
#include <array>
#include <span>

#include "unroll/rnn/compile/passes.hpp"

namespace unroll::compile {
namespace {

using kernels::TileOp;

constexpr int outer = 8;  // the first operand of the outer operation

struct Rule {
  TileOp outer_op, inner_op;
  int place;  // of the inner result among the operands of the outer operation
  TileOp fused;
  std::array<int, 6> operands;  // as many as the fused operation has: 0, 1, ... are those of the inner one
};

// These round less than the two operations.
constexpr Rule rounding_rules[] = {
    {TileOp::add, TileOp::multiply, 0, TileOp::multiply_add, {0, 1, outer + 1}},
    {TileOp::add, TileOp::multiply, 1, TileOp::multiply_add, {0, 1, outer}},
    {TileOp::add, TileOp::tanh_gradient, 0, TileOp::add_tanh_gradient, {0, 1, outer + 1}},
    {TileOp::add, TileOp::tanh_gradient, 1, TileOp::add_tanh_gradient, {0, 1, outer}},
    {TileOp::subtract, TileOp::multiply, 0, TileOp::multiply_subtract, {0, 1, outer + 1}},
    {TileOp::subtract, TileOp::multiply, 1, TileOp::negative_multiply_add, {0, 1, outer}},
};

constexpr Rule exact_rules[] = {
    {TileOp::sigmoid_gradient, TileOp::multiply, 1, TileOp::product_sigmoid_gradient, {outer, 0, 1}},
    {TileOp::tanh_gradient, TileOp::multiply, 1, TileOp::product_tanh_gradient, {outer, 0, 1}},
    {TileOp::multiply, TileOp::tanh, 0, TileOp::multiply_tanh, {outer + 1, 0}},
    {TileOp::multiply, TileOp::tanh, 1, TileOp::multiply_tanh, {outer, 0}},
    {TileOp::multiply, TileOp::subtract, 0, TileOp::scaled_difference, {0, 1, outer + 1}},
    {TileOp::multiply, TileOp::subtract, 1, TileOp::scaled_difference, {0, 1, outer}},
    {TileOp::negative_multiply_add, TileOp::subtract, 2, TileOp::difference_minus_product, {0, 1, outer, outer + 1}},
    {TileOp::multiply,
     TileOp::difference_minus_product,
     0,
     TileOp::scaled_difference_minus_product,
     {0, 1, 2, 3, outer + 1}},
    {TileOp::multiply,
     TileOp::difference_minus_product,
     1,
     TileOp::scaled_difference_minus_product,
     {0, 1, 2, 3, outer}},
    {TileOp::add, TileOp::multiply_add, 0, TileOp::multiply_add_add, {0, 1, 2, outer + 1}},
    {TileOp::add, TileOp::multiply_add, 1, TileOp::multiply_add_add, {0, 1, 2, outer}},
    {TileOp::multiply_add_add,
     TileOp::multiply_add,
     3,
     TileOp::sum_of_multiply_adds,
     {outer, outer + 1, outer + 2, 0, 1, 2}},
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
  auto is = [&](Id id, TileOp op) {
    const Node& n = graph.nodes[id];
    return n.kind == Node::Kind::elementwise && n.op == op;
  };
  auto is_product = [&](Id id, TileOp op, const std::vector<int>& uses) {
    if (!is(id, op) || uses[id] != 1) return false;
    for (Id in : graph.nodes[id].in)
      if (graph.nodes[in].width != graph.nodes[id].width || graph.nodes[in].is_invariant()) return false;
    return true;
  };
  for (Node& sum : graph.nodes) {
    if (sum.kind != Node::Kind::reduce || sum.op != TileOp::row_sum) continue;
    const Node& x = graph.nodes[sum.in[0]];
    if (x.backward != sum.backward) continue;
    if (is_product(sum.in[0], TileOp::square, uses.of_pass)) {
      Id base = x.in[0];
      const Node& difference = graph.nodes[base];
      bool of_difference = is(base, TileOp::subtract) && difference.backward == sum.backward &&
                           graph.nodes[difference.in[0]].width == difference.width;
      sum.op = of_difference ? TileOp::row_sum_of_squared_differences : TileOp::row_sum_of_squares;
      sum.in = of_difference ? difference.in : x.in;
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

// The sum of two sums over columns is one over the columns of both.
void join_reductions(StepGraph& graph, const std::vector<int>& uses) {
  for (Node& outer : graph.nodes) {
    if (outer.kind != Node::Kind::elementwise || (outer.op != TileOp::add && outer.op != TileOp::maximum)) continue;
    const Node &a = graph.nodes[outer.in[0]], &b = graph.nodes[outer.in[1]];
    auto fits = [&](Id id) {
      const Node& n = graph.nodes[id];
      return n.kind == Node::Kind::reduce && (n.op == TileOp::row_max) == (outer.op == TileOp::maximum) &&
             uses[id] == 1 && n.backward == outer.backward;
    };
    if (!fits(outer.in[0]) || !fits(outer.in[1]) || a.op != b.op) continue;
    if (graph.nodes[a.in[0]].width != graph.nodes[b.in[0]].width) continue;
    if (a.in.size() + b.in.size() > kernels::most_operands) continue;
    std::vector<Id> in;
    auto operands = static_cast<std::size_t>(kernels::operand_count(a.op));
    for (std::size_t k = 0; k < operands; ++k)
      for (const Node* n : {&a, &b})
        in.insert(in.end(), n->in.begin() + static_cast<std::ptrdiff_t>(k * n->parts()),
                  n->in.begin() + static_cast<std::ptrdiff_t>((k + 1) * n->parts()));
    outer.kind = Node::Kind::reduce;
    outer.op = a.op;
    outer.in = std::move(in);
  }
}

bool apply(const Rule& rule, StepGraph& graph, Node& node, const std::vector<int>& uses) {
  if (rule.outer_op != node.op) return false;
  Id id = node.in[static_cast<std::size_t>(rule.place)];
  const Node& inner = graph.nodes[id];
  if (inner.kind != Node::Kind::elementwise || inner.op != rule.inner_op || uses[id] != 1 ||
      inner.backward != node.backward || inner.width != node.width)
    return false;
  std::vector<Id> in;
  for (int k : std::span(rule.operands).first(static_cast<std::size_t>(kernels::operand_count(rule.fused))))
    in.push_back(k < outer ? inner.in[k] : node.in[k - outer]);
  node.op = rule.fused;
  node.in = std::move(in);
  return true;
}

void apply(std::span<const Rule> rules, StepGraph& graph, const std::vector<int>& uses) {
  for (Node& node : graph.nodes) {
    if (node.kind != Node::Kind::elementwise) continue;
    while (std::any_of(rules.begin(), rules.end(), [&](const Rule& r) { return apply(r, graph, node, uses); })) {
    }
  }
}

}  // namespace

void fuse_elementwise(StepGraph& graph) {
  Uses uses(graph);
  fuse_sums(graph, uses);
  join_reductions(graph, uses.of_pass);
  apply(rounding_rules, graph, uses.of_pass);
  remove_dead(graph);
  apply(exact_rules, graph, Uses(graph).all);
  remove_dead(graph);
}

}  // namespace unroll::compile
