// Cells that break the rules: found, and usable afterwards.
#include <doctest/doctest.h>

#include <stdexcept>

#include "agreement.hpp"
#include "unroll/autograd/ops/cumsum.hpp"
#include "unroll/autograd/ops/reverse.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using namespace testing;

namespace {

const Tensor x = random_tensor({3, 4, 2}, 1);

using Formula = FormulaCell::Formula;

FormulaCell cell_of(Formula formula) { return FormulaCell(2, 2, {{0, 2}, {2, 2}}, std::move(formula)); }

Tensor plain(const Nest& x, const Nest& h, const std::vector<Variable>& p) {
  return tanh(matmul(x, p[0]) + matmul(h, p[1]));
}

std::string said(RNNCell& cell, const Tensor& inputs = x) { return explain(cell, inputs, {.dtype = float64}); }

Tensor run(RNNCell& cell, Executor executor, const Tensor& inputs = x) {
  return dynamic_rnn(cell, inputs, {.dtype = float64, .executor = executor}).outputs;
}

// Whether both executors agree now, which they do if the cell does as it should.
void check_usable(RNNCell& cell, const Tensor& inputs = x) {
  CHECK(allclose(run(cell, Executor::automatic, inputs), run(cell, Executor::eager, inputs), 1e-12, 1e-12));
}

}  // namespace

TEST_CASE("a cell that looks at a value runs eagerly") {
  FormulaCell cell = cell_of([](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p);
    if (y.at<double>({0, 0}) > 0) y = y * 2.0;
    return {y, y};
  });
  CHECK(said(cell).starts_with("eager: "));
  check_usable(cell);
  CHECK_THROWS_AS(run(cell, Executor::compiled), RuntimeError);
  check_usable(cell);
}

TEST_CASE("a cell that throws half way is refused with its own error, and works once it no longer throws") {
  bool broken = true;
  FormulaCell cell = cell_of([&](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p);
    if (broken) raise<ValueError>("cell", "it is broken");
    return {y, y};
  });
  CHECK_THROWS_WITH_AS(run(cell, Executor::automatic), "cell: it is broken", ValueError);
  CHECK_THROWS_WITH_AS(run(cell, Executor::compiled), "dynamic_rnn: the cell cannot be compiled: cell: it is broken",
                       RuntimeError);
  {
    GradientTape tape;
    CHECK_THROWS_AS(run(cell, Executor::automatic), ValueError);
  }
  broken = false;
  check_usable(cell);
  CHECK(said(cell).starts_with("compiled"));
}

TEST_CASE("an exception that is not the library's passes through, and the cell works afterwards") {
  bool broken = true;
  FormulaCell cell = cell_of([&](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p);
    if (broken) throw std::logic_error("broken");
    return {y, y};
  });
  CHECK_THROWS_AS(run(cell, Executor::automatic), std::logic_error);
  CHECK_THROWS_AS(said(cell), std::logic_error);
  broken = false;
  check_usable(cell);
  CHECK(said(cell).starts_with("compiled"));
}

TEST_CASE("a cell that returns other structures for other batch sizes is refused where it does") {
  FormulaCell cell = cell_of([](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p);
    if (y.shape(0) == 2) return {Nest::tuple({y, y}), y};
    return {y, y};
  });
  check_usable(cell);
  CHECK_THROWS_AS(run(cell, Executor::automatic, random_tensor({2, 4, 2}, 1)), TypeError);
  check_usable(cell);
  check_usable(cell, random_tensor({1, 4, 2}, 1));
}

TEST_CASE("a cell that does something else for one row is found out") {
  FormulaCell branching = cell_of([](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p);
    if (y.shape(0) == 1) y = y * y;
    return {y, y};
  });
  FormulaCell dividing = cell_of([](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p) / static_cast<double>(x.leaf().shape(0));
    return {y, y};
  });
  for (FormulaCell* cell : {&branching, &dividing})
    for (Index batch : {2, 1, 3, 1, 2}) check_usable(*cell, random_tensor({batch, 4, 2}, 1));
}

TEST_CASE("a cell that keeps a tensor of an earlier call is refused, by name, and works once it lets go of it") {
  Tensor kept;
  FormulaCell cell = cell_of([&](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p);
    if (kept) y = y + kept;
    kept = y;
    return {y, y};
  });
  CHECK_THROWS_AS(run(cell, Executor::compiled), RuntimeError);
  kept.reset();
  CHECK(said(cell).find("the cell has kept it since another call") != std::string::npos);
  kept.reset();
  CHECK_THROWS_AS(run(cell, Executor::automatic), SymbolicTensorError);
  kept.reset();
  Tensor alone = run(cell, Executor::eager);
  kept.reset();
  CHECK(bit_equal(run(cell, Executor::eager), alone));
}

TEST_CASE("a tensor that a cell makes anew for each sequence is no reason against compiling, and never stale") {
  class Cell : public FormulaCell {
   public:
    Cell()
        : FormulaCell(2, 2, {{0, 2}, {2, 2}}, [this](const Nest& x, const Nest& h, const std::vector<Variable>& p) {
            if (!first_) first_ = tanh(x);
            Tensor y = plain(x, h, p) + reduce_sum(first_, {1}, true) * 0.0;
            return StepResult{y, y};
          }) {}
    void begin_sequence() override { first_.reset(); }

   private:
    Tensor first_;
  };
  Cell cell;
  run(cell, Executor::eager);
  for (int k = 0; k < 2; ++k) {
    run(cell, Executor::automatic);
    CHECK_NOTHROW(cell(random_tensor({1, 2}, 3), random_tensor({1, 2}, 4)));
  }
}

TEST_CASE("a mask that is drawn once in a sequence has the batch's size and is drawn once") {
  class Cell : public FormulaCell {
   public:
    Cell()
        : FormulaCell(2, 2, {{0, 2}, {2, 2}}, [this](const Nest& x, const Nest& h, const std::vector<Variable>& p) {
            if (!mask_) mask_ = random_uniform(x.leaf().shape(), {}, float64);
            Tensor y = plain(x.leaf() * mask_, h, p);
            return StepResult{y, y};
          }) {}
    void begin_sequence() override { mask_.reset(); }

   private:
    Tensor mask_;
  };
  for (Index batch : {1, 3}) {
    Tensor inputs = random_tensor({batch, 4, 2}, 1);
    Cell cell;
    run(cell, Executor::eager, inputs);
    RandomGenerator before = global_generator();
    Tensor want = run(cell, Executor::eager, inputs);
    set_global_generator(before);
    CHECK(bit_equal(run(cell, Executor::automatic, inputs), want));
    CHECK(said(cell, inputs).find("it draws random numbers") != std::string::npos);
  }
}

TEST_CASE("a cell that makes a variable at every call runs eagerly") {
  FormulaCell cell = cell_of([](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Variable shift(full({2}, 0.25, float64));
    Tensor y = plain(x, h, p) + shift;
    return {y, y};
  });
  CHECK(said(cell).find("two calls with the same shapes do different things") != std::string::npos);
  check_usable(cell);
  GradientTape tape;
  tape.watch(x);
  CHECK(tape.gradient(run(cell, Executor::automatic), x).shape() == x.shape());
}

TEST_CASE("a counter that changes at every call makes a cell run eagerly") {
  double count = 0;
  FormulaCell cell = cell_of([&](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p) * (count += 1);
    return {y, y};
  });
  CHECK(said(cell).find("two calls with the same shapes do different things") != std::string::npos);
  CHECK_NOTHROW(run(cell, Executor::automatic));
  CHECK_THROWS_AS(run(cell, Executor::compiled), RuntimeError);
}

TEST_CASE("a number or a tensor that the cell holds may change between calls") {
  double factor = 2;
  Tensor scale = ones({2}, float64), shift = zeros({1, 2}, float64);
  FormulaCell cell = cell_of([&](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
    Tensor y = plain(x, h, p) * factor * scale + shift;
    return {y, y};
  });
  check_usable(cell);
  factor = 3;
  check_usable(cell);
  scale = Tensor{0.5, -2.0};
  check_usable(cell);
  scale = full({2}, 0.25, float64);
  check_usable(cell);
  shift = Tensor{{0.5, 1.5}};
  check_usable(cell);
  scale.set<double>({1}, 4.0);
  check_usable(cell);
  CHECK(said(cell).starts_with("compiled"));
}

TEST_CASE("a cell that mixes the rows of a batch runs op by op, even where the shapes would fit") {
  using Mix = std::function<Tensor(const Tensor&)>;
  Mix mixes[] = {
      [](const Tensor& y) { return y - reduce_mean(y, {0}, true); },
      [](const Tensor& y) { return y - reduce_mean(y, {0}); },
      [](const Tensor& y) { return y - reduce_sum(y, {0}); },
      [](const Tensor& y) { return y - reduce_max(y, {0}); },
      [](const Tensor& y) { return y + reduce_sum(y, {1}); },
      [](const Tensor& y) { return y + transpose(y); },
      [](const Tensor& y) { return matmul(y, y); },
      [](const Tensor& y) { return matmul(y, y, {.transpose_a = true}); },
      [](const Tensor& y) { return concat(slice_rows(y, 1, 2), slice_rows(y, 0, 1), 0); },
      [](const Tensor& y) { return reverse(y, {0}); },
      [](const Tensor& y) {
        return reduce_sum(stack({y, y * 2.0}, 0), {0});
      },
      [](const Tensor& y) { return unstack(y, 0)[1] + y; },
      [](const Tensor& y) { return softmax(y, 0); },
      [](const Tensor& y) { return cumsum(y, 0); },
  };
  Tensor square = random_tensor({2, 4, 2}, 1);
  int number = 0;
  for (const Mix& mix : mixes) {
    CAPTURE(number++);
    FormulaCell cell = cell_of([&](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
      Tensor y = mix(plain(x, h, p));
      return {y, y};
    });
    check_usable(cell, square);
    CHECK_MESSAGE(said(cell, square).starts_with("compiled\nop by op"), said(cell, square));
    GradientTape tape;
    tape.watch(square);
    Tensor g = tape.gradient(run(cell, Executor::automatic, square), square);
    GradientTape other;
    other.watch(square);
    CHECK(allclose(g, other.gradient(run(cell, Executor::eager, square), square), 1e-12, 1e-12));
  }
}

TEST_CASE("second derivatives run eagerly under two tapes, and are refused through the compiled executor") {
  GRUCell cell(2);
  Tensor inputs = random_tensor({2, 3, 2}, 1);
  auto first = [&](GradientTape&, Executor executor) {
    GradientTape inner;
    inner.watch(inputs);
    return inner.gradient(run(cell, executor, inputs), inputs);
  };
  GradientTape outer;
  outer.watch(inputs);
  Tensor g = first(outer, Executor::automatic);
  CHECK(outer.gradient(g, inputs).shape() == inputs.shape());
  GradientTape again;
  CHECK_THROWS_AS(first(again, Executor::compiled), RuntimeError);
}
