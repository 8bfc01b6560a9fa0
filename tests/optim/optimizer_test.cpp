#include "unroll/optim/optimizer.hpp"

#include <algorithm>

#include "optim/optimizer_checks.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/optim/gradient_descent.hpp"
#include "unroll/optim/momentum.hpp"

using namespace unroll;

TEST_CASE("minimize changes every trainable variable that the loss depends on, and no other") {
  Variable w(Tensor{2.0, 3.0}, "w"), b(Tensor{1.0, 1.0}, "b"), frozen(Tensor{5.0, 7.0}, "frozen", false);
  Variable unused(Tensor{4.0, 4.0}, "unused"), beside(Tensor{6.0, 6.0}, "beside");
  GradientDescent descent({.learning_rate = 0.5});
  GradientTape tape;
  Tensor loss = w * frozen + b;
  Tensor other = beside * beside;
  descent.minimize(tape, loss);
  CHECK(array_equal(w, Tensor{-0.5, -0.5}));
  CHECK(array_equal(b, Tensor{0.5, 0.5}));
  CHECK(array_equal(frozen, Tensor{5.0, 7.0}));
  CHECK(array_equal(unused, Tensor{4.0, 4.0}));
  CHECK(array_equal(beside, Tensor{6.0, 6.0}));
  CHECK(descent.iterations() == 1);
}

TEST_CASE("minimize with a list changes those variables alone") {
  Variable w(Tensor{2.0}, "w"), b(Tensor{1.0}, "b"), unused(Tensor{4.0}, "unused");
  GradientDescent descent({.learning_rate = 0.5});
  GradientTape tape;
  descent.minimize(tape, w * w + b, {w, unused});
  CHECK(array_equal(w, Tensor{0.0}));
  CHECK(array_equal(b, Tensor{1.0}));
}

TEST_CASE("compute_gradients and apply_gradients are the halves of minimize") {
  Variable w(Tensor{2.0}, "w"), b(Tensor{1.0}, "b");
  GradientDescent descent({.learning_rate = 0.5});
  GradientTape tape({.persistent = true});
  Tensor loss = w * w * 3.0;
  Tensor other = b * b;
  auto gradients = descent.compute_gradients(tape, loss);
  REQUIRE(gradients.size() == 2);
  CHECK(gradients[0].second == w);
  CHECK(array_equal(gradients[0].first, Tensor{12.0}));
  CHECK_FALSE(gradients[1].first.defined());
  gradients[0].first = gradients[0].first * 0.25;
  descent.apply_gradients(gradients);
  CHECK(array_equal(w, Tensor{0.5}));
  CHECK(array_equal(b, Tensor{1.0}));
}

TEST_CASE("a variable that was frozen meanwhile is passed over, and keeps its slots for later") {
  Variable w(Tensor{2.0}, "w"), b(Tensor{1.0}, "b");
  Momentum momentum({.learning_rate = 0.5, .momentum = 0.5});
  std::vector<Tensor> gradients{Tensor{1.0}, Tensor{1.0}};
  momentum.apply_gradients(gradients, {w, b});
  w.set_trainable(false);
  momentum.apply_gradients(gradients, {w, b});
  CHECK(array_equal(w, Tensor{1.5}));
  CHECK(array_equal(b, Tensor{-0.25}));
  w.set_trainable(true);
  momentum.apply_gradients(gradients, {w, b});
  CHECK(array_equal(w, Tensor{0.75}));
}

TEST_CASE("a gradient that shares memory with a variable or another gradient stays as it was") {
  Variable w(Tensor{2.0, -4.0}, "w"), b(Tensor{1.0, 1.0}, "b");
  GradientDescent descent({.learning_rate = 0.5});
  Tensor gradient = w;
  descent.apply_gradients({{gradient, w}, {gradient, b}});
  CHECK(array_equal(gradient, Tensor{2.0, -4.0}));
  CHECK(array_equal(w, Tensor{1.0, -2.0}));
  CHECK(array_equal(b, Tensor{0.0, 3.0}));
}

TEST_CASE("what is wrong with the gradients is said before anything changes") {
  Variable w(Tensor{2.0, 3.0}, "rnn/kernel"), b(Tensor{1.0}, "rnn/bias"), count(Tensor{1}, "count");
  Adam adam;
  auto apply = [&](const GradientsAndVariables& list) { adam.apply_gradients(list); };
  const Tensor good{1.0, 1.0};
  CHECK_THROWS_WITH_AS(apply({}), "Adam: no variables provided", ValueError);
  CHECK_THROWS_WITH_AS(apply({{Tensor(), w}, {Tensor(), b}}),
                       "Adam: no gradients provided for any trainable variable: [\"rnn/kernel\", \"rnn/bias\"]",
                       ValueError);
  CHECK_THROWS_WITH_AS(apply({{good, w}, {good, b}}), "Adam: the gradient of rnn/bias has shape (2,), expected (1,)",
                       ValueError);
  CHECK_THROWS_WITH_AS(apply({{good, w}, {Tensor{1.f}, b}}),
                       "Adam: the gradient of rnn/bias is float32, expected float64", TypeError);
  CHECK_THROWS_WITH_AS(apply({{good, w}, {Tensor{1}, count}}),
                       "Adam: the variable count is int32, expected float32 or float64", TypeError);
  CHECK_THROWS_WITH_AS(apply({{good, w}, {Tensor{1.0}, b}, {good, w}}), "Adam: the variable rnn/kernel is listed twice",
                       ValueError);
  CHECK_THROWS_AS(apply({{good, w}, {good, Variable()}}), ValueError);
  CHECK_THROWS_WITH_AS(adam.apply_gradients({good}, {w, b}), "Adam: 1 gradients given for 2 variables", ValueError);
  CHECK_THROWS_AS(adam.build({}), ValueError);
  CHECK_THROWS_AS(adam.build({count}), TypeError);
  CHECK(array_equal(w, Tensor{2.0, 3.0}));
  CHECK(adam.iterations() == 0);
  CHECK(adam.variables().empty());
}

TEST_CASE("minimize says when there is nothing to change") {
  Variable w(Tensor{2.0}, "w"), other(Tensor{2.0}, "other");
  GradientDescent descent({.learning_rate = 0.5});
  Tensor x{3.0};
  {
    GradientTape tape;
    CHECK_THROWS_WITH_AS(descent.minimize(tape, x * x), "GradientDescent: there are no variables to optimize",
                         ValueError);
  }
  {
    GradientTape tape;
    CHECK_THROWS_WITH_AS(descent.minimize(tape, w * x, {other}), doctest::Contains("[\"other\"]"), ValueError);
  }
  GradientTape tape;
  descent.minimize(tape, w * x);
  CHECK_THROWS_AS(descent.minimize(tape, w * x), RuntimeError);
}

TEST_CASE("slots are variables with TensorFlow's names, made at the first step or before") {
  Variable w(Tensor{{2.0, 3.0}}, "dense/kernel"), b(Tensor{1.f}, "dense/bias");
  Adam adam({.name = "Adam2"});
  CHECK(adam.name() == "Adam2");
  CHECK_FALSE(adam.slot(w, "m").defined());
  adam.build({w});
  Variable m = adam.slot(w, "m");
  CHECK(m.name() == "dense/kernel/Adam2");
  CHECK(m.shape() == Shape({1, 2}));
  CHECK_FALSE(m.trainable());
  CHECK(array_equal(m, zeros({1, 2}, float64)));
  adam.apply_gradients({Tensor{{1.0, 1.0}}, Tensor{1.f}}, {w, b});
  CHECK(adam.slot(w, "m") == m);
  CHECK(adam.slot(b, "v").name() == "dense/bias/Adam2_1");
  CHECK(adam.slot(b, "v").dtype() == float32);
  CHECK_THROWS_WITH_AS(adam.slot(w, "momentum"), "Adam2: there is no slot \"momentum\"", LookupError);
}

TEST_CASE("slots of variables that no longer exist make room for new ones") {
  Adam adam;
  for (int k = 0; k < 3; ++k) {
    Variable w(numbers({2}, k), "w");
    adam.apply_gradients({{numbers({2}, 5), w}});
    CHECK(adam.variables().size() == 4);
  }
}

TEST_CASE("an optimiser whose variables and step number were restored goes on with the same bits") {
  auto run = [](Adam& adam, const Variable& w, int first, int last) {
    for (int k = first; k < last; ++k) adam.apply_gradients({numbers({7}, k)}, {w});
  };
  Variable w(numbers({7}, 0), "w");
  Adam adam({.learning_rate = 0.1});
  run(adam, w, 1, 5);
  Variable again(w.value().clone(), "w");
  Adam restored({.learning_rate = 0.1});
  restored.build({again});
  restored.set_iterations(adam.iterations());
  auto from = adam.variables(), to = restored.variables();
  REQUIRE(from.size() == to.size());
  for (std::size_t k = 0; k < from.size(); ++k) {
    CHECK(from[k].name() == to[k].name());
    to[k].assign(from[k]);
  }
  run(adam, w, 5, 9);
  run(restored, again, 5, 9);
  CHECK(bit_equal(w, again));
  CHECK(restored.iterations() == 8);
  CHECK_THROWS_AS(restored.set_iterations(-1), ValueError);
}

TEST_CASE("a program's own optimiser is a subclass") {
  class SignDescent final : public Optimizer {
   public:
    explicit SignDescent(double learning_rate) : Optimizer("SignDescent", learning_rate, {}) {}
    void update(const Tensor& gradient, const Variable& variable, Slots) override {
      dispatch_floating(name(), variable.dtype(), [&](auto zero) {
        using T = decltype(zero);
        const T rate = static_cast<T>(learning_rate());
        for_each_element<T>(
            gradient, [=](T g, T& x) { x -= g > 0   ? rate
                                            : g < 0 ? -rate
                                                    : 0; }, variable);
      });
    }
  };
  SignDescent descent(0.25);
  Variable w(Tensor{1.f, 1.f, 1.f}, "w");
  descent.apply_gradients({{Tensor{8.f, -2.f, 0.f}, w}});
  CHECK(array_equal(w, Tensor{0.75f, 1.25f, 1.f}));
  CHECK(descent.variables().empty());
}
