#include "unroll/autograd/tape.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

TEST_CASE("a variable is followed by itself, a tensor once it is watched") {
  Variable w(Tensor{2.0, 3.0}, "w");
  Tensor x{5.0, 7.0};
  GradientTape tape({.persistent = true});
  Tensor before = w * x;
  tape.watch(x);
  Tensor after = w * x;
  CHECK(array_equal(tape.gradient(after, w), x));
  CHECK(array_equal(tape.gradient(after, x), w));
  CHECK_FALSE(tape.gradient(before, x).defined());
  CHECK(array_equal(tape.gradient(before, x, {.unconnected_gradients = Unconnected::zero}), Tensor{0.0, 0.0}));
}

TEST_CASE("contributions of several uses add up, also of the same tensor twice in one op") {
  Variable x(Tensor{3.0}, "x");
  GradientTape tape;
  Tensor y = x * x * x + x;
  CHECK(array_equal(tape.gradient(y, x), Tensor{28.0}));
}

TEST_CASE("several targets count as their sum, with weights if given, and structures come back") {
  Variable a(Tensor{1.0, 2.0}, "a"), b(Tensor{3.0, 4.0}, "b");
  GradientTape tape({.persistent = true});
  Nest targets = Nest::tuple({a * b, a + 0.0});
  Nest g = tape.gradient(targets, Nest::dict({{"b", b}, {"a", a}}));
  CHECK(array_equal(g["a"], Tensor{4.0, 5.0}));
  CHECK(array_equal(g["b"], Tensor{1.0, 2.0}));
  Nest weights = Nest::tuple({Tensor{10.0, 0.0}, Tensor{0.5, -1.0}});
  CHECK(array_equal(tape.gradient(targets, a, {.output_gradients = weights}), Tensor{30.5, -1.0}));
  CHECK_THROWS_AS(tape.gradient(targets, a, {.output_gradients = Tensor{1.0, 1.0}}), ValueError);
  CHECK_THROWS_AS(tape.gradient(a * b, a, {.output_gradients = Tensor{1.0}}), ValueError);
}

TEST_CASE("the gradient with respect to an intermediate result is kept while the walk goes on") {
  Variable x(Tensor{2.0}, "x");
  GradientTape tape;
  Tensor y = x * x, z = y * y;
  auto g = tape.gradient(z, std::vector<Tensor>{x, y});
  CHECK(array_equal(g[0], Tensor{32.0}));
  CHECK(array_equal(g[1], Tensor{8.0}));
}

TEST_CASE("nested tapes give second and third derivatives") {
  Variable x(Tensor{2.0, -1.0}, "x");
  GradientTape outermost;
  Tensor second;
  {
    GradientTape outer;
    Tensor first;
    {
      GradientTape inner;
      first = inner.gradient(x * x * x * x, x);
    }
    CHECK(array_equal(first, Tensor{32.0, -4.0}));
    second = outer.gradient(first, x);
  }
  CHECK(array_equal(second, Tensor{48.0, 12.0}));
  CHECK(array_equal(outermost.gradient(second, x), Tensor{48.0, -24.0}));
}

TEST_CASE("an inner tape does not follow what only the outer one watches") {
  Tensor x{3.0};
  GradientTape outer;
  outer.watch(x);
  Tensor y = x * x;
  {
    GradientTape inner;
    CHECK_FALSE(inner.gradient(y * y, y).defined());
  }
  {
    GradientTape inner;
    inner.watch(y);
    CHECK(array_equal(inner.gradient(y * y, y), Tensor{18.0}));
  }
  CHECK(array_equal(outer.gradient(y, x), Tensor{6.0}));
}

TEST_CASE("a tape without persistence ends with its first gradient and frees its records") {
  Variable x(Tensor{1.0}, "x");
  GradientTape tape;
  Tensor y = x * 2.0;
  CHECK(tape.size() == 1);
  tape.gradient(y, x);
  CHECK(tape.size() == 0);
  CHECK_THROWS_AS(tape.gradient(y, x), RuntimeError);
  CHECK_THROWS_AS(tape.watch(y), RuntimeError);
  Tensor untracked = x * 3.0;
  CHECK(tape.size() == 0);
  GradientTape next;
  CHECK_FALSE(next.gradient(untracked, x).defined());
}

TEST_CASE("recording stops while paused, for the paused tape only") {
  Variable x(Tensor{3.0}, "x");
  GradientTape outer({.persistent = true});
  GradientTape inner({.persistent = true});
  Tensor y;
  {
    auto pause = inner.stop_recording();
    y = x * x;
  }
  Tensor z = y + x;
  CHECK(array_equal(inner.gradient(z, x), Tensor{1.0}));
  CHECK(array_equal(outer.gradient(z, x), Tensor{7.0}));
}

TEST_CASE("variables are not followed if the tape is told so, or if they are frozen") {
  Variable x(Tensor{3.0}, "x"), frozen(Tensor{4.0}, "frozen", false);
  GradientTape tape({.persistent = true, .watch_accessed_variables = false});
  CHECK_FALSE(tape.gradient(x * x, x).defined());
  tape.watch(x);
  Tensor y = x * x * frozen;
  CHECK(array_equal(tape.gradient(y, x), Tensor{24.0}));
  GradientTape other({.persistent = true});
  CHECK_FALSE(other.gradient(x * frozen, frozen).defined());
  other.watch(frozen);
  CHECK(array_equal(other.gradient(x * frozen, frozen), Tensor{3.0}));
}

TEST_CASE("a tape lists the variables it follows, in the order of their construction") {
  Variable a(Tensor{1.0}, "a"), b(Tensor{2.0}, "b"), c(Tensor{3.0}, "c"), frozen(Tensor{4.0}, "frozen", false);
  GradientTape outer({.persistent = true});
  CHECK(outer.watched_variables().empty());
  Tensor y = c * c * frozen;
  {
    GradientTape inner({.persistent = true});
    Tensor z = b * b * y;
    CHECK(inner.watched_variables() == std::vector<Variable>{b});
    {
      auto pause = inner.stop_recording();
      z = z * a;
    }
    CHECK(inner.watched_variables() == std::vector<Variable>{b});
    inner.watch(frozen);
    CHECK(inner.watched_variables() == std::vector<Variable>{b, frozen});
  }
  CHECK(outer.watched_variables() == std::vector<Variable>{a, b, c});
  b.assign(Tensor{5.0});
  CHECK(outer.watched_variables() == std::vector<Variable>{a, b, c});
  b = Variable();
  CHECK(outer.watched_variables() == std::vector<Variable>{a, c});
  a.set_trainable(false);
  CHECK(outer.watched_variables() == std::vector<Variable>{c});
  GradientTape chosen({.watch_accessed_variables = false});
  chosen.watch(c);
  y = c * 2.0;
  CHECK(chosen.watched_variables() == std::vector<Variable>{c});
  chosen.gradient(y, c);
  CHECK_THROWS_AS(chosen.watched_variables(), RuntimeError);
}

TEST_CASE("a variable is found by its number as long as it exists") {
  Variable a(Tensor{1.0}, "a"), b(Tensor{2.0}, "b");
  std::uint32_t number = b.id();
  CHECK(a.id() < number);
  CHECK(Variable::with_id(number) == b);
  b = Variable();
  CHECK_FALSE(Variable::with_id(number).defined());
  CHECK_FALSE(Variable::with_id(0).defined());
}

TEST_CASE("gradients are right although a variable changed after it was used") {
  Variable w(Tensor{2.0}, "w");
  Tensor x{5.0};
  GradientTape tape;
  tape.watch(x);
  Tensor y = w * x;
  w.assign(Tensor{100.0});
  CHECK(array_equal(tape.gradient(y, x), Tensor{2.0}));
}

TEST_CASE("a tensor that is written to after it was recorded leaves the record as it was") {
  Variable w(Tensor{2.0}, "w");
  Tensor x{5.0};
  GradientTape tape;
  Tensor y = w * x;
  x.set<double>({0}, 9.0);
  CHECK(array_equal(tape.gradient(y, w), Tensor{5.0}));
}

TEST_CASE("gradients of integers are refused") {
  Tensor i{1, 2};
  Variable w(Tensor{1.0}, "w");
  GradientTape tape({.persistent = true});
  CHECK_THROWS_AS(tape.watch(i), TypeError);
  CHECK_THROWS_AS(tape.gradient(i * i, w), TypeError);
  CHECK_THROWS_AS(tape.gradient(w * 1.0, i), TypeError);
}

TEST_CASE("a tape belongs to its thread, and threads do not see each other's recordings") {
  Variable w(Tensor{2.0}, "w");
  GradientTape tape;
  Tensor y = w * 3.0;
  std::thread([&] {
    CHECK_THROWS_AS(tape.gradient(y, w), RuntimeError);
    GradientTape own;
    Tensor z = w * y;
    CHECK(array_equal(own.gradient(z, w), Tensor{6.0}));
  }).join();
  CHECK(array_equal(tape.gradient(y, w), Tensor{3.0}));
}

TEST_CASE("an op without a gradient says so when the gradient is asked for") {
  struct Half final : Op {
    std::string_view name() const override { return "half"; }
    TensorSpec infer(Inputs x) const override { return x[0].spec(); }
    void forward(Inputs x, Tensor& y) const override { y.mutable_data<double>()[0] = x[0].data<double>()[0] / 2; }
  };
  Variable w(Tensor{2.0}, "w");
  GradientTape tape;
  Tensor y = apply(Half{}, w.value());
  CHECK_THROWS_WITH_AS(tape.gradient(y, w), "half: no gradient is defined for this op", LookupError);
}

TEST_CASE("a chain of a million ops goes forward and backward") {
  Variable x(Tensor{1.0}, "x");
  {
    GradientTape tape;
    Tensor y = x * 1.0;
    for (int k = 0; k < 999'999; ++k) y = y + 1.0;
    CHECK(tape.size() == 1'000'000);
    CHECK(y.at<double>({0}) == 1'000'000);
    CHECK(array_equal(tape.gradient(y, x), Tensor{1.0}));
  }
  GradientTape dropped;  // never walked: only released
  Tensor y = x * 1.0;
  for (int k = 0; k < 999'999; ++k) y = y * 1.0;
}
