#include <doctest/doctest.h>

#include "graphs.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("a product and a sum become one operation, on either side") {
  for (bool left : {true, false}) {
    Graph g;
    Id a = g.input(0), b = g.input(1), c = g.input(2), ab = g.op(TileOp::multiply, {a, b});
    g.output(left ? g.op(TileOp::add, {ab, c}) : g.op(TileOp::add, {c, ab}));
    compile::fuse_elementwise(g.graph);
    const Node& fused = g.node(g.graph.outputs[0].node);
    CHECK(fused.op == TileOp::multiply_add);
    std::vector<int> leaves;
    for (Id in : fused.in) leaves.push_back(g.node(in).leaf);
    CHECK(leaves == std::vector<int>{0, 1, 2});
    CHECK(g.count(TileOp::multiply) == 0);
  }
}

TEST_CASE("differences keep their sides") {
  Graph g;
  Id a = g.input(0), b = g.input(1), c = g.input(2);
  g.output(g.op(TileOp::subtract, {g.op(TileOp::multiply, {a, b}), c}));
  g.output(g.op(TileOp::subtract, {c, g.op(TileOp::multiply, {b, a})}));
  compile::fuse_elementwise(g.graph);
  CHECK(g.node(g.graph.outputs[0].node).op == TileOp::multiply_subtract);
  CHECK(g.node(g.graph.outputs[1].node).op == TileOp::negative_multiply_add);
}

TEST_CASE("what is read twice, or given out, is not fused away") {
  Graph g;
  Id a = g.input(0), b = g.input(1), ab = g.op(TileOp::multiply, {a, b});
  g.output(g.op(TileOp::add, {ab, a}));
  g.output(ab);
  compile::fuse_elementwise(g.graph);
  CHECK(g.node(g.graph.outputs[0].node).op == TileOp::add);
  CHECK(g.count(TileOp::multiply) == 1);
}

TEST_CASE("a reader in the backward pass does not change how the forward pass rounds") {
  Graph g;
  Id a = g.input(0), b = g.input(1), ab = g.op(TileOp::multiply, {a, b});
  g.output(g.op(TileOp::add, {ab, a}));
  g.input_gradient(g.op(TileOp::multiply, {g.output_gradient(0), ab}));
  compile::fuse_elementwise(g.graph);
  CHECK(g.node(g.graph.outputs[0].node).op == TileOp::multiply_add);
  CHECK(g.count(TileOp::multiply) == 1);
}

TEST_CASE("a tanh that the backward pass reads is computed once") {
  Graph g;
  Id a = g.input(0), t = g.op(TileOp::tanh, {g.input(1)});
  g.output(g.op(TileOp::multiply, {a, t}));
  g.input_gradient(g.op(TileOp::tanh_gradient, {t, g.output_gradient(0)}));
  compile::fuse_elementwise(g.graph);
  CHECK(g.count(TileOp::tanh) == 1);
  CHECK(g.count(TileOp::multiply_tanh) == 0);
}

TEST_CASE("a product with a tanh that nobody else reads is one operation") {
  Graph g;
  g.output(g.op(TileOp::multiply, {g.op(TileOp::tanh, {g.input(1)}), g.input(0)}));
  compile::fuse_elementwise(g.graph);
  const Node& fused = g.node(g.graph.outputs[0].node);
  CHECK(fused.op == TileOp::multiply_tanh);
  CHECK(g.node(fused.in[0]).leaf == 0);
  CHECK(g.node(fused.in[1]).leaf == 1);
}
