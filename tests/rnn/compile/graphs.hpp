#pragma once
// Step graphs made by hand, for tests of passes.
#include "unroll/rnn/compile/builder.hpp"
#include "unroll/rnn/compile/passes.hpp"

namespace testing {

using unroll::Index;
using unroll::compile::Builder;
using unroll::compile::Id;
using unroll::compile::Node;
using unroll::compile::StepGraph;
using unroll::kernels::TileOp;

/// A graph whose input leaves and state leaves have `width` columns.
struct Graph {
  explicit Graph(Index width = 4) : width(width), builder(graph, false) {}
  Id source(Node::Kind kind, int leaf) { return builder.add({.kind = kind, .width = width, .leaf = leaf}); }
  Id input(int leaf) { return source(Node::Kind::input, leaf); }
  Id state(int leaf) { return source(Node::Kind::state, leaf); }
  Id output_gradient(int leaf) { return source(Node::Kind::output_gradient, leaf); }
  Id state_gradient(int leaf) { return source(Node::Kind::state_gradient, leaf); }
  Id op(TileOp op, std::vector<Id> in) { return builder.elementwise(op, std::move(in)); }
  /// x times a square matrix that is value `tensor` of the trace.
  Id product(Id x, unroll::Trace::Id tensor) {
    return builder.add(
        {.kind = Node::Kind::affine, .width = width, .terms = {{x, {tensor, 0, width, 1, width, width}}}});
  }
  void output(Id id) { add(graph.outputs, id); }
  void next_state(Id id) { add(graph.next_states, id); }
  void input_gradient(Id id) { add(graph.input_gradients, id); }
  void state_gradient_before(Id id) { add(graph.state_gradients, id); }

  int count(TileOp op, bool backward = false) const {
    int n = 0;
    for (const Node& node : graph.nodes)
      n += node.kind == Node::Kind::elementwise && node.op == op && node.backward == backward;
    return n;
  }
  int count(Node::Kind kind) const {
    int n = 0;
    for (const Node& node : graph.nodes) n += node.kind == kind;
    return n;
  }
  const Node& node(Id id) const { return graph.nodes[static_cast<std::size_t>(id)]; }

  Index width;
  StepGraph graph;
  Builder builder;

 private:
  void add(std::vector<unroll::compile::Part>& parts, Id id) {
    parts.push_back({static_cast<int>(parts.size()), 0, width, id});
  }
};

}  // namespace testing
