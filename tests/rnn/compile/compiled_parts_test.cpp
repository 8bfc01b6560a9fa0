// Matrices that are cut into parts in one place and joined in another, with constants among them.
#include <doctest/doctest.h>

#include "agreement.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using namespace testing;

namespace {

using Formula = std::function<Tensor(const Tensor& x, const Tensor& h, const Tensor& w, const Tensor& u)>;

// That a cell of two columns whose next state is `formula` gives compiled what it gives eagerly.
void check(const Formula& formula) {
  FormulaCell cell(2, 2, {{2, 2}, {2, 2}}, [&](const Nest& x, const Nest& h, const std::vector<Variable>& p) {
    Tensor y = formula(x, h, p[0], p[1]);
    return StepResult{y, y};
  });
  Tensor x = random_tensor({4, 3, 2}, 1);
  dynamic_rnn(cell, x, {.dtype = float64, .executor = Executor::eager});
  randomize(cell);
  DynamicRnnOptions options{
      .sequence_length = Tensor{3, 1, 0, 2}, .initial_state = random_state(cell, 4), .executor = Executor::eager};
  Everything want = everything(cell, x, options);
  options.executor = Executor::compiled;
  CHECK(first_difference(everything(cell, x, options), want, 1e-12) == "");
}

Tensor rows_of(const Tensor& like, Index width, double value) { return full({like.shape(0), width}, value, float64); }

}  // namespace

TEST_CASE("a constant that is joined to columns may be cut anywhere") {
  for (double value : {0.0, 1.0, -0.5})
    for (Index first : {1, 2, 3, 4}) {
      CAPTURE(value);
      CAPTURE(first);
      check([&](const Tensor& x, const Tensor& h, const Tensor& w, const Tensor& u) {
        Tensor all = concat({x, rows_of(x, 4, value)}, 1);
        return tanh(matmul(slice_axis(all, 1, first, first + 2), w) + matmul(h, u));
      });
      check([&](const Tensor& x, const Tensor& h, const Tensor& w, const Tensor& u) {
        std::vector<Tensor> thirds = split(concat({rows_of(x, 4, value), x}, 1), 3, 1);
        return tanh(matmul(thirds[2], w) + matmul(h + thirds[0], u) * thirds[1]);
      });
    }
}

TEST_CASE("a constant of one column may be a factor of a product, and has its gradient") {
  check([](const Tensor& x, const Tensor& h, const Tensor& w, const Tensor& u) {
    return tanh(matmul(concat({slice_axis(x, 1, 0, 1), rows_of(x, 1, 3.0)}, 1), w) + matmul(h, u));
  });
  check([](const Tensor& x, const Tensor& h, const Tensor& w, const Tensor& u) {
    Tensor rows = reshape(stack({x, rows_of(x, 2, 0.25), h}, 1), {x.shape(0), 6});
    return tanh(matmul(slice_axis(rows, 1, 1, 3), w) + matmul(slice_axis(rows, 1, 3, 5), u));
  });
}

TEST_CASE("a constant among the columns counts in sums, means and maxima of a row") {
  check([](const Tensor& x, const Tensor& h, const Tensor& w, const Tensor& u) {
    Tensor all = concat({x, rows_of(x, 4, 0.25)}, 1);
    return tanh(matmul(x, w) + matmul(h, u) + reduce_max(all, {1}, true) * reduce_sum(all, {1}, true) +
                reduce_mean(slice_axis(all, 1, 1, 4), {1}, true));
  });
}

TEST_CASE("a reduction over an axis of 1 passes cuts through") {
  using Reduce = std::function<Tensor(const Tensor&)>;
  for (const Reduce& reduce : {Reduce([](const Tensor& x) { return reduce_sum(x, {1}); }),
                               Reduce([](const Tensor& x) { return reduce_mean(x, {1}); }),
                               Reduce([](const Tensor& x) { return reduce_max(x, {1}); })})
    check([&](const Tensor& x, const Tensor& h, const Tensor& w, const Tensor& u) {
      std::vector<Tensor> halves = split(reduce(reshape(x, {x.shape(0), 1, 2})), 2, 1);
      return tanh(matmul(concat({halves[1], halves[0]}, 1), w) + matmul(h, u));
    });
}
