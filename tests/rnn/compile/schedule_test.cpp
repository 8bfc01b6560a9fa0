#include "unroll/rnn/compile/schedule.hpp"

#include <doctest/doctest.h>

#include "graphs.hpp"

using namespace unroll;
using namespace testing;
using compile::Schedule;

TEST_CASE("states that depend on one another form one loop, a stack has one for each layer") {
  Graph g;
  Id a = g.state(0), b = g.state(1), c = g.state(2);
  Id next_a = g.op(TileOp::tanh, {g.op(TileOp::add, {a, b})});
  Id next_b = g.op(TileOp::sigmoid, {g.op(TileOp::add, {next_a, b})});
  Id next_c = g.op(TileOp::multiply, {next_b, c});
  g.next_state(next_a);
  g.next_state(next_b);
  g.next_state(next_c);
  g.output(g.op(TileOp::negative, {next_c}));
  Schedule s = compile::schedule(g.graph, false, true);
  CHECK(s.loops == 2);
  CHECK(s.stage[next_a] == 1);
  CHECK(s.stage[next_b] == 1);
  CHECK(s.stage[next_c] == 3);
  CHECK(s.stage[g.graph.outputs[0].node] == 4);
}

TEST_CASE("what does not depend on the state runs before the loop") {
  Graph g(32);
  Id x = g.input(0), h = g.state(0);
  Id z = g.builder.add(
      {.kind = Node::Kind::affine, .width = 32, .terms = {{x, {7, 0, 32, 1, 32, 32}}, {h, {8, 0, 32, 1, 32, 32}}}});
  g.next_state(g.op(TileOp::tanh, {z}));
  g.output(g.op(TileOp::exp, {g.product(x, 9)}));
  StepGraph whole = g.graph;
  Schedule s = compile::schedule(g.graph, false, true);
  REQUIRE(g.node(z).terms.size() == 1);
  CHECK(g.node(z).terms[0].b.tensor == 8);
  REQUIRE(g.node(z).in.size() == 1);
  Id hoisted = g.node(z).in[0];
  CHECK(g.node(hoisted).terms[0].b.tensor == 7);
  CHECK(s.stage[hoisted] == 0);
  CHECK(s.stage[z] == 1);
  CHECK(s.stage[g.graph.outputs[0].node] % 2 == 0);

  Schedule without = compile::schedule(whole, false, false);
  CHECK(whole.nodes[static_cast<std::size_t>(z)].terms.size() == 2);
  CHECK(without.stage[z] == 1);
}

TEST_CASE("gradients of weights are summed outside of the loop") {
  Graph g;
  Id h = g.state(0), next = g.op(TileOp::tanh, {g.product(h, 7)});
  g.next_state(next);
  Id d = g.op(TileOp::tanh_gradient, {next, g.state_gradient(0)});
  g.state_gradient_before(g.product(d, 8));
  g.graph.targets.push_back({20, 4, 4});
  g.graph.accumulations.push_back({0, h, d, 0, 0});
  Schedule s = compile::schedule(g.graph, true, true);
  CHECK(s.loops == 1);
  CHECK(s.stage[d] == 1);
  REQUIRE(s.accumulation_stage.size() == 1);
  CHECK(s.accumulation_stage[0] == 2);
}
