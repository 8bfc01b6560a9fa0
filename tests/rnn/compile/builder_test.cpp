#include <doctest/doctest.h>

#include "graphs.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("equal nodes are one, and operations that change nothing are none") {
  StepGraph graph;
  Builder builder(graph);
  Id x = builder.add({.kind = Node::Kind::input, .width = 3}), y = builder.add({.kind = Node::Kind::state, .width = 3});
  CHECK(builder.elementwise(TileOp::add, {x, y}) == builder.elementwise(TileOp::add, {x, y}));
  CHECK(builder.elementwise(TileOp::add, {x, y}) != builder.elementwise(TileOp::subtract, {x, y}));
  CHECK(builder.elementwise(TileOp::subtract, {x, y}) != builder.elementwise(TileOp::subtract, {y, x}));
  Id zero = builder.number(0), one = builder.number(1);
  CHECK(zero == builder.number(0));
  CHECK(builder.elementwise(TileOp::add, {x, zero}) == x);
  CHECK(builder.elementwise(TileOp::add, {zero, x}) == x);
  CHECK(builder.elementwise(TileOp::subtract, {x, zero}) == x);
  CHECK(builder.elementwise(TileOp::multiply, {one, x}) == x);
  CHECK(builder.elementwise(TileOp::divide, {x, one}) == x);
  CHECK(builder.elementwise(TileOp::subtract, {zero, x}) != x);
  CHECK(builder.elementwise(TileOp::multiply, {x, zero}) != zero);  // NaN stays
  CHECK(builder.copy(x) != x);
}

TEST_CASE("a node is of the backward pass if an operand is") {
  StepGraph graph;
  Builder builder(graph);
  Id x = builder.add({.kind = Node::Kind::input, .width = 3});
  Id d = builder.add({.kind = Node::Kind::output_gradient, .width = 3});
  CHECK_FALSE(graph.nodes[static_cast<std::size_t>(builder.elementwise(TileOp::tanh, {x}))].backward);
  CHECK(graph.nodes[static_cast<std::size_t>(builder.elementwise(TileOp::multiply, {x, d}))].backward);
}
