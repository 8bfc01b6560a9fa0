#include <doctest/doctest.h>

#include "graphs.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("a sum of products and of numbers per column is one product of several terms") {
  Graph g;
  Id bias = g.builder.add({.kind = Node::Kind::columns, .width = 4, .tensor = 9});
  Id sum = g.op(TileOp::add, {g.product(g.input(0), 7), g.product(g.state(0), 8)});
  g.next_state(g.op(TileOp::add, {sum, bias}));
  compile::merge_sums(g.graph);
  CHECK(g.count(TileOp::add) == 0);
  const Node& merged = g.node(g.graph.next_states[0].node);
  REQUIRE(merged.kind == Node::Kind::affine);
  REQUIRE(merged.terms.size() == 2);
  CHECK(merged.terms[0].b.tensor == 7);
  CHECK(merged.terms[1].b.tensor == 8);
  REQUIRE(merged.columns.size() == 1);
  CHECK(g.node(merged.columns[0]).tensor == 9);
}

TEST_CASE("a product that is read elsewhere stays one by itself") {
  Graph g;
  Id product = g.product(g.input(0), 7);
  g.output(g.op(TileOp::add, {product, g.product(g.state(0), 8)}));
  g.output(g.op(TileOp::tanh, {product}));
  compile::merge_sums(g.graph);
  CHECK(g.node(g.graph.outputs[0].node).kind == Node::Kind::elementwise);
  CHECK(g.count(Node::Kind::affine) == 2);
}

TEST_CASE("a product and a matrix that is no product stay apart") {
  Graph g;
  g.output(g.op(TileOp::add, {g.product(g.input(0), 7), g.state(0)}));
  compile::merge_sums(g.graph);
  CHECK(g.count(TileOp::add) == 1);
}
