#include <doctest/doctest.h>

#include "graphs.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("what no result depends on goes, sources stay, and operands come before their readers") {
  Graph g;
  Id x = g.input(0), h = g.state(0);
  g.op(TileOp::exp, {x});
  Id late = g.op(TileOp::negative, {x});
  Id sum = g.op(TileOp::add, {late, h});
  g.next_state(sum);
  g.graph.nodes.push_back({.kind = Node::Kind::elementwise, .op = TileOp::tanh, .width = 4, .in = {h}});
  g.graph.nodes[static_cast<std::size_t>(late)].in = {static_cast<Id>(g.graph.nodes.size()) - 1};
  compile::remove_dead(g.graph);
  CHECK(g.count(TileOp::exp) == 0);
  CHECK(g.count(Node::Kind::input) == 1);
  CHECK(g.graph.nodes.size() == 5);
  for (std::size_t k = 0; k < g.graph.nodes.size(); ++k)
    for (Id in : g.graph.nodes[k].in) CHECK(in < static_cast<Id>(k));
}
