#include <doctest/doctest.h>

#include "graphs.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("what one operation computes from inputs or from what is kept is computed again instead of being kept") {
  Graph g;
  Id a = g.op(TileOp::sigmoid, {g.product(g.state(0), 7)}), b = g.op(TileOp::square, {a});
  g.next_state(b);
  Id d = g.state_gradient(0);
  g.state_gradient_before(
      g.product(g.op(TileOp::multiply, {g.op(TileOp::multiply, {d, a}), g.op(TileOp::tanh, {b})}), 8));
  g.output(g.op(TileOp::negative, {g.input(0)}));
  g.input_gradient(g.op(TileOp::multiply, {g.output_gradient(0), g.op(TileOp::exp, {g.input(0)})}));
  compile::recompute(g.graph);
  CHECK(g.count(TileOp::exp, true) == 1);
  CHECK(g.count(TileOp::exp, false) == 0);
}

TEST_CASE("what depends on a product that is not kept is kept") {
  Graph g;
  Id a = g.op(TileOp::sigmoid, {g.product(g.state(0), 7)});
  g.next_state(g.op(TileOp::negative, {a}));
  g.state_gradient_before(g.op(TileOp::sigmoid_gradient, {a, g.state_gradient(0)}));
  compile::recompute(g.graph);
  CHECK(g.count(TileOp::sigmoid, false) == 1);
  CHECK(g.count(TileOp::sigmoid, true) == 0);
}
