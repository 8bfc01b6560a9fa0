#include "unroll/rnn/compile/passes.hpp"

namespace unroll::compile {
namespace {

std::vector<int> use_counts(StepGraph& graph) {
  std::vector<int> uses(graph.nodes.size());
  for (const Node& node : graph.nodes) StepGraph::for_each_operand(node, [&](Id id) { ++uses[id]; });
  graph.for_each_result([&](Id& id) { ++uses[id]; });
  return uses;
}

}  // namespace

void merge_sums(StepGraph& graph) {
  std::vector<int> uses = use_counts(graph);
  for (Node& sum : graph.nodes) {
    if (sum.kind != Node::Kind::elementwise || sum.op != kernels::TileOp::add) continue;
    auto is_product = [&](Id id) {
      const Node& n = graph.nodes[id];
      return n.kind == Node::Kind::affine && uses[id] == 1 && n.width == sum.width && n.backward == sum.backward;
    };
    for (int side : {0, 1}) {
      Id a = sum.in[side], b = sum.in[1 - side];
      if (!is_product(a) || !(is_product(b) || graph.nodes[b].is_invariant())) continue;
      const Node &product = graph.nodes[a], &other = graph.nodes[b];
      sum.kind = Node::Kind::affine;
      sum.op = kernels::TileOp::copy;
      sum.in = product.in;
      sum.terms = product.terms;
      sum.columns = product.columns;
      if (other.is_invariant()) {
        sum.columns.push_back(b);
      } else {
        sum.terms.insert(sum.terms.end(), other.terms.begin(), other.terms.end());
        sum.columns.insert(sum.columns.end(), other.columns.begin(), other.columns.end());
      }
      break;
    }
  }
  remove_dead(graph);
}

}  // namespace unroll::compile
