#include "unroll/autograd/trace.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>

#include "support/random_tensors.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("while a trace exists, ops on symbolic tensors are recorded instead of run, others run") {
  Tensor one = ones({2, 3}, float64);
  Trace trace;
  Tensor x = trace.input({{2, 3}, float64});
  Tensor y = tanh(x + one), z = one + one;
  CHECK(y.spec() == x.spec());
  CHECK_THROWS_AS(y.at<double>({0, 0}), SymbolicTensorError);
  CHECK(z.at<double>({1, 2}) == 2);
  REQUIRE(trace.nodes().size() == 2);
  CHECK(trace.nodes()[0].op->name() == "add");
  CHECK(trace.nodes()[1].op->name() == "tanh");
  CHECK(trace.inputs(trace.nodes()[0])[0] == trace.id(x));
  CHECK(trace.values()[trace.inputs(trace.nodes()[0])[1]].source == Trace::Source::captured);
  CHECK(trace.nodes()[1].first_output == trace.id(y));
}

TEST_CASE("shapes and dtypes are checked while a step is traced") {
  Trace trace;
  Tensor x = trace.input({{2, 3}, float64});
  CHECK_THROWS_AS(x + ones({2, 4}, float64), ValueError);
  CHECK_THROWS_AS(x + ones({2, 3}, float32), TypeError);
  CHECK_THROWS_AS(matmul(x, x), ValueError);
}

TEST_CASE("an op on a variable alone is recorded as well, as its values change") {
  Variable v(ones({3}, float64), "v");
  Trace trace;
  Tensor y = tanh(negative(v));
  CHECK_THROWS_AS(y.at<double>({0}), SymbolicTensorError);
  CHECK(trace.values()[0].source == Trace::Source::variable);
}

TEST_CASE("traces of the same computation are equal; of another op, attribute, number, wiring or shape they are not") {
  Variable v(ones({3, 3}, float64), "v"), w(ones({3, 3}, float64), "w");
  auto trace_of = [&](auto&& f, Shape shape = {2, 3}) {
    auto trace = std::make_unique<Trace>();
    Tensor x = trace->input({shape, float64}), y = trace->input({shape, float64});
    f(x, y);
    trace->finish();
    return trace;
  };
  auto formula = [&](const Tensor& x, const Tensor& y) { matmul(tanh(x) * 2.0, v) - y; };
  auto reference = trace_of(formula);
  CHECK(trace_of(formula)->same(*reference));
  CHECK_FALSE(trace_of(formula, {4, 3})->same(*reference));
  CHECK(trace_of(formula, {4, 3})->same_but_for_sizes(*reference));
  using Formula = std::function<void(const Tensor&, const Tensor&)>;
  const Formula others[] = {
      [&](const Tensor& x, const Tensor& y) { matmul(sigmoid(x) * 2.0, v) - y; },
      [&](const Tensor& x, const Tensor& y) { matmul(tanh(x) * 3.0, v) - y; },
      [&](const Tensor& x, const Tensor& y) { matmul(tanh(x) * 2.0, w) - y; },
      [&](const Tensor& x, const Tensor& y) { matmul(tanh(x) * 2.0, v, {.transpose_b = true}) - y; },
      [&](const Tensor& x, const Tensor& y) { matmul(tanh(y) * 2.0, v) - x; },
      [&](const Tensor& x, const Tensor& y) { tanh(matmul(tanh(x) * 2.0, v) - y); },
  };
  for (const Formula& other : others) {
    CHECK_FALSE(trace_of(other)->same(*reference));
    CHECK_FALSE(trace_of(other)->same_but_for_sizes(*reference));
  }
  CHECK(trace_of(others[5])->begins_with(*reference));
  CHECK_FALSE(reference->begins_with(*trace_of(others[5])));
}

TEST_CASE("a symbolic tensor of an earlier trace is found out") {
  Tensor kept;
  {
    Trace first;
    kept = first.input({{2}, float64}) * 2.0;
  }
  Trace second;
  CHECK_THROWS_AS(second.input({{2}, float64}) + kept, SymbolicTensorError);
}

TEST_CASE("gradients are traced like everything else, and nothing reaches a tape around the trace") {
  Variable v(ones({3}, float64), "v");
  GradientTape outer;
  {
    Trace trace;
    Tensor x = trace.input({{2, 3}, float64});
    GradientTape tape;
    Tensor g = tape.gradient(tanh(x * v), v);
    CHECK(g.spec() == v.value().spec());
    CHECK(trace.nodes().size() > 2);
    CHECK_THROWS_AS(g.at<double>({0}), SymbolicTensorError);
  }
  CHECK(outer.size() == 0);
  Tensor y = v * 2.0;
  CHECK(outer.size() == 1);
  CHECK(outer.gradient(y, v).at<double>({0}) == 2);
}

TEST_CASE("traces nest, and the first reason for a refusal is kept") {
  Trace outer;
  {
    Trace inner;
    CHECK(Trace::active() == &inner);
    inner.refuse("first");
    inner.refuse("second");
    CHECK(inner.refusal() == "first");
  }
  CHECK(Trace::active() == &outer);
  CHECK(outer.refusal().empty());
  outer.finish();
  CHECK(Trace::active() == nullptr);
}
