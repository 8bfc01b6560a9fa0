#include <doctest/doctest.h>

#include "support/formula_cell.hpp"
#include "support/random_tensors.hpp"
#include "unroll/rnn/compile/compiled_cell.hpp"
#include "unroll/unroll.hpp"

using namespace unroll;
using namespace testing;
using compile::Id;
using compile::Node;
using compile::none;
using compile::StepGraph;
using kernels::TileOp;

namespace {

constexpr Index batch = 2, n = 4;

// The step graph of a formula with inputs and a state of 4 columns, and parameters of the shapes given.
struct Lowered {
  Lowered(std::vector<Shape> parameters, const FormulaCell::Formula& formula, bool gradients = false, bool fold = true)
      : cell(n, n, std::move(parameters), formula),
        call{cell,  TensorSpec{{batch, n}, float64}, TensorSpec{{batch, n}, float64}, float64, gradients, {true},
             {true}} {
    cell.build(TensorSpec{{batch, n}, float64});
    step.emplace(call, gradients);
    graph = compile::lower(
        {step->trace, float64, batch, step->inputs, step->states, step->outputs, step->next_states, step->output_seeds,
         step->state_seeds, step->input_gradients, step->state_gradients, step->leaf_gradients, step->forward_nodes},
        fold);
  }
  const Node& node(Id id) const { return graph.nodes[static_cast<std::size_t>(id)]; }
  const Node& output(std::size_t part = 0) const { return node(graph.outputs[part].node); }
  int count(TileOp op) const {
    return static_cast<int>(std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& x) {
      return x.kind == Node::Kind::elementwise && x.op == op;
    }));
  }

  FormulaCell cell;
  compile::CellCall call;
  std::optional<compile::StepTrace> step;
  StepGraph graph;
};

std::string refusal(const FormulaCell::Formula& formula, std::vector<Shape> parameters = {}) {
  try {
    Lowered(std::move(parameters), formula);
  } catch (const compile::Unsupported& reason) {
    return reason.what();
  }
  return {};
}

using Parameters = const std::vector<Variable>&;

}  // namespace

TEST_CASE("a product of joined columns has a term for each part, with its rows of the matrix") {
  Lowered l({{2 * n, 3}, {3, n}}, [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
    return {matmul(matmul(concat({x, h}, 1), p[0]), p[1]), h};
  });
  const Node& second = l.output();
  REQUIRE(second.kind == Node::Kind::affine);
  const Node& first = l.node(second.terms[0].a);
  REQUIRE(first.kind == Node::Kind::affine);
  REQUIRE(first.terms.size() == 2);
  CHECK(l.node(first.terms[0].a).kind == Node::Kind::input);
  CHECK(l.node(first.terms[1].a).kind == Node::Kind::state);
  Trace::Id w = first.terms[0].b.tensor;
  CHECK(first.terms[0].b == compile::Matrix{w, 0, 3, 1, n, 3});
  CHECK(first.terms[1].b == compile::Matrix{w, n * 3, 3, 1, n, 3});
}

TEST_CASE("a transposed matrix is read by its columns") {
  Lowered l({{n, n}}, [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
    return {matmul(x, p[0], {.transpose_b = true}), h};
  });
  Trace::Id w = l.output().terms[0].b.tensor;
  CHECK(l.output().terms[0].b == compile::Matrix{w, 0, 1, n, n, n});
}

TEST_CASE("cutting and joining columns costs no operation") {
  Lowered l({{n, 2 * n}}, [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
    std::vector<Tensor> halves = split(matmul(x, p[0]), 2, 1);
    Tensor back = concat({slice_axis(halves[1], 1, 1, 4), slice_axis(halves[0], 1, 0, 1)}, 1);
    return {back, h};
  });
  REQUIRE(l.graph.outputs.size() == 2);
  CHECK(l.output(0).kind == Node::Kind::affine);
  CHECK(l.output(0).width == 3);
  CHECK(l.output(0).terms[0].b.first == n + 1);
  CHECK(l.output(1).width == 1);
  CHECK(l.output(1).terms[0].b.first == 0);
}

TEST_CASE("tensors that are the same at every step are numbers where all elements are equal, else columns") {
  Lowered l({{n}, {1}}, [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
    return {(x.leaf() + full({n}, 2.5, float64)) * p[0] - p[1], h};
  });
  const Node& difference = l.output();
  CHECK(difference.op == TileOp::subtract);
  CHECK(l.node(difference.in[1]).kind == Node::Kind::columns);
  CHECK(l.node(difference.in[1]).width == 1);
  const Node& product = l.node(difference.in[0]);
  CHECK(l.node(product.in[1]).width == n);
  const Node& two = l.node(l.node(product.in[0]).in[1]);
  CHECK(two.kind == Node::Kind::number);
  CHECK(two.value == 2.5);
  REQUIRE(l.graph.uniform.size() == 1);
  CHECK(l.graph.uniform[0].second == 2.5);
}

TEST_CASE("what needs no row runs before the loop") {
  Lowered l({{n}}, [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
    return {x.leaf() * exp(p[0] + p[0]), h};
  });
  CHECK(l.graph.before.size() == 2);
  CHECK(l.count(TileOp::exp) == 0);
  CHECK(l.count(TileOp::multiply) == 1);
}

TEST_CASE("equal nodes are shared, without folding they are not") {
  auto twice = [](const Nest& x, const Nest& h, Parameters) -> StepResult { return {tanh(x) * tanh(x), h}; };
  CHECK(Lowered({}, twice).count(TileOp::tanh) == 1);
  CHECK(Lowered({}, twice, false, false).count(TileOp::tanh) == 2);
}

TEST_CASE("a source that is given out is copied, and two states are never one node") {
  Lowered l({}, [](const Nest& x, const Nest&, Parameters) -> StepResult { return {x, x}; });
  CHECK(l.output().op == TileOp::copy);
  CHECK(l.node(l.graph.next_states[0].node).kind == Node::Kind::elementwise);
}

TEST_CASE("a reduction of a row in parts is joined; a mean is divided by all columns") {
  Lowered l({}, [](const Nest& x, const Nest& h, Parameters) -> StepResult {
    Tensor both = concat({x, h}, 1);
    return {x.leaf() * reduce_mean(both, {1}, true), x.leaf() - reduce_max(both, {1}, true)};
  });
  const Node& mean = l.node(l.output().in[1]);
  CHECK(mean.op == TileOp::multiply);
  CHECK(l.node(mean.in[1]).value == 1.0 / 8);
  CHECK(l.node(mean.in[0]).op == TileOp::add);
  const Node& max = l.node(l.node(l.graph.next_states[0].node).in[1]);
  CHECK(max.op == TileOp::maximum);
  CHECK(l.node(max.in[0]).op == TileOp::row_max);
}

TEST_CASE("gradients of a matrix and of what is added per column are sums over rows and steps") {
  Lowered l(
      {{n, n}, {n}},
      [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
        return {matmul(x, p[0]) + p[1], h};
      },
      true);
  REQUIRE(l.graph.accumulations.size() == 2);
  REQUIRE(l.graph.targets.size() == 2);
  for (const compile::Accumulation& sum : l.graph.accumulations) {
    CHECK(l.node(sum.b).kind == Node::Kind::output_gradient);
    const compile::Target& target = l.graph.targets[static_cast<std::size_t>(sum.target)];
    CHECK(target.columns == n);
    CHECK(target.rows == (sum.a == none ? 1 : n));
    if (sum.a != none) CHECK(l.node(sum.a).kind == Node::Kind::input);
  }
}

TEST_CASE("no sum is made of columns whose gradient is 0 because nothing reads them") {
  Lowered l(
      {{n, 2 * n}},
      [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
        return {slice_axis(matmul(x, p[0]), 1, n, 2 * n), h};
      },
      true);
  REQUIRE(l.graph.accumulations.size() == 1);
  CHECK(l.graph.accumulations[0].first_column == n);
  CHECK(l.graph.targets[0].columns == 2 * n);
}

TEST_CASE("a dropout and its gradient use one mask") {
  Lowered l(
      {},
      [](const Nest& x, const Nest& h, Parameters) -> StepResult {
        return {dropout(x, 0.25), h};
      },
      true);
  REQUIRE(l.graph.masks.size() == 1);
  CHECK(l.graph.masks[0].rate == 0.25);
  CHECK(l.graph.masks[0].width == n);
  CHECK(l.node(l.output().in[1]).kind == Node::Kind::mask);
  const Node& gradient = l.node(l.graph.input_gradients[0].node);
  CHECK(gradient.backward);
  CHECK(l.node(gradient.in[1]).kind == Node::Kind::mask);
}

TEST_CASE("what is no work on single rows is refused with its reason") {
  auto contains = [](const std::string& text, std::string_view part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
  };
  contains(refusal([](const Nest& x, const Nest& h, Parameters) -> StepResult {
             return {x.leaf() - reduce_sum(x, {0}), h};
           }),
           "sums over the rows of the batch");
  contains(refusal([](const Nest& x, const Nest& h, Parameters) -> StepResult {
             return {x.leaf() - reduce_mean(x, {0}, true), h};
           }),
           "goes over the rows of the batch");
  contains(refusal([](const Nest& x, const Nest& h, Parameters) -> StepResult {
             Tensor square = reshape(x, {batch, 2, 2});
             return {concat({reduce_sum(square, {1}), reduce_sum(square, {2})}, 1), h};
           }),
           "reduces some axes of a row only");
  contains(refusal([](const Nest& x, const Nest& h, Parameters) -> StepResult {
             return {reshape(reshape(x, {1, 2 * n}), {batch, n}), h};
           }),
           "has no row for each of the batch");
  contains(refusal([](const Nest& x, const Nest& h, Parameters) -> StepResult {
             return {x.leaf() * Tensor({batch, n}, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}), h};
           }),
           "has a row for each of the batch, but is no input");
  contains(refusal([](const Nest& x, const Nest& h, Parameters) -> StepResult {
             return {cast(cast(x, float32), float64), h};
           }),
           "the cell computes in");
}

TEST_CASE("a tensor in very many parts is refused") {
  CHECK(refusal(
            [](const Nest& x, const Nest& h, Parameters p) -> StepResult {
              std::vector<Tensor> columns = split(matmul(x, p[0]), 65, 1);
              return {x.leaf() * columns[64], h};
            },
            {{n, 65}})
            .find("is cut into more than 64 parts") != std::string::npos);
}
