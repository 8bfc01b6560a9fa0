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

namespace {

Id row_sum(Graph& g, Id x) { return g.builder.add({.kind = Node::Kind::reduce, .op = TileOp::row_sum, .in = {x}}); }

}  // namespace

TEST_CASE("the sum of squared differences subtracts by itself, and the scaled difference too") {
  Graph g;
  Id x = g.input(0), mean = row_sum(g, x), difference = g.op(TileOp::subtract, {x, mean});
  Id squares = row_sum(g, g.op(TileOp::square, {difference}));
  g.output(g.op(TileOp::multiply, {squares, difference}));
  compile::fuse_elementwise(g.graph);
  CHECK(g.count(TileOp::subtract) == 0);
  const Node& scaled = g.node(g.graph.outputs[0].node);
  REQUIRE(scaled.op == TileOp::scaled_difference);
  const Node& sum = g.node(scaled.in[2]);
  REQUIRE(sum.op == TileOp::row_sum_of_squared_differences);
  CHECK(sum.in == std::vector<Id>{scaled.in[0], scaled.in[1]});
}

TEST_CASE("sums over the columns of parts become one, in the order of the operands") {
  Graph g;
  std::vector<Id> x;
  for (int k = 0; k < 6; ++k) x.push_back(g.input(k));
  auto products = [&](int k) { return row_sum(g, g.op(TileOp::multiply, {x[k], x[k + 3]})); };
  Id sum = g.op(TileOp::add, {products(0), g.op(TileOp::add, {products(1), products(2)})});
  g.output(g.op(TileOp::add, {x[0], sum}));
  compile::fuse_elementwise(g.graph);
  const Node& all = g.node(g.node(g.graph.outputs[0].node).in[1]);
  CHECK(all.kind == Node::Kind::reduce);
  CHECK(all.op == TileOp::row_sum_of_products);
  CHECK(all.parts() == 3);
  std::vector<int> leaves;
  for (Id in : all.in) leaves.push_back(g.node(in).leaf);
  CHECK(leaves == std::vector<int>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a sum over columns that is read by itself as well is no part of another") {
  Graph g;
  Id a = row_sum(g, g.input(0)), b = row_sum(g, g.input(1));
  g.output(g.op(TileOp::add, {g.op(TileOp::add, {a, b}), g.input(2)}));
  g.output(g.op(TileOp::multiply, {a, g.input(2)}));
  compile::fuse_elementwise(g.graph);
  CHECK(g.count(TileOp::add) == 2);
}

TEST_CASE("no more parts are joined than an instruction has operands") {
  Graph g;
  Id sum = row_sum(g, g.input(0));
  for (int k = 1; k < 20; ++k) sum = g.op(TileOp::add, {sum, row_sum(g, g.input(k))});
  g.output(g.op(TileOp::multiply, {sum, g.input(0)}));
  compile::fuse_elementwise(g.graph);
  std::size_t parts = 0;
  for (const Node& n : g.graph.nodes) {
    if (n.kind != Node::Kind::reduce) continue;
    CHECK(n.parts() <= kernels::most_operands);
    parts += n.parts();
  }
  CHECK(parts == 20);
}

TEST_CASE("two products with a sum are added in one operation") {
  Graph g;
  std::vector<Id> x;
  for (int k = 0; k < 6; ++k) x.push_back(g.input(k));
  auto affine = [&](int k) { return g.op(TileOp::add, {g.op(TileOp::multiply, {x[k], x[k + 1]}), x[k + 2]}); };
  g.output(g.op(TileOp::add, {affine(0), affine(3)}));
  compile::fuse_elementwise(g.graph);
  const Node& fused = g.node(g.graph.outputs[0].node);
  CHECK(fused.op == TileOp::sum_of_multiply_adds);
  std::vector<int> leaves;
  for (Id in : fused.in) leaves.push_back(g.node(in).leaf);
  CHECK(leaves == std::vector<int>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("the gradient of a normalised row is one operation") {
  Graph g;
  Id u = g.output_gradient(0), z = g.input(0), scale = row_sum(g, z), m = row_sum(g, u), n = row_sum(g, u);
  Id centred = g.op(TileOp::subtract, {u, m});
  g.input_gradient(g.op(TileOp::multiply, {scale, g.op(TileOp::subtract, {centred, g.op(TileOp::multiply, {z, n})})}));
  compile::fuse_elementwise(g.graph);
  const Node& fused = g.node(g.graph.input_gradients[0].node);
  CHECK(fused.op == TileOp::scaled_difference_minus_product);
  REQUIRE(fused.in.size() == 5);
  CHECK(g.node(fused.in[0]).kind == Node::Kind::output_gradient);
  CHECK(g.node(fused.in[2]).kind == Node::Kind::input);
  CHECK(g.node(fused.in[4]).op == TileOp::row_sum);
}
