#include "unroll/optim/adamw.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("AdamW works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<AdamW>(AdamWOptions{.learning_rate = 0.03, .amsgrad = true}); });
}

TEST_CASE("AdamW without decay is Adam with the paper's epsilon") {
  AdamW adamw({.weight_decay = {}, .epsilon = 0.25});
  Adam adam({.epsilon = 0.25, .epsilon_hat = false});
  Variable x(numbers({5}, 1), "x"), y(numbers({5}, 1), "y");
  for (int step = 0; step < 3; ++step) {
    adamw.apply_gradients({{numbers({5}, step + 2), x}});
    adam.apply_gradients({{numbers({5}, step + 2), y}});
  }
  CHECK(bit_equal(x, y));
  CHECK(adamw.variables()[2].name() == "x/AdamW");
}

TEST_CASE("AdamW shrinks the weights that its filter names, whatever their gradients") {
  AdamW adamw({.learning_rate = 0.5, .weight_decay = {.rate = 0.25, .filter = [](const std::string& name) {
                                                        return !name.ends_with("bias");
                                                      }}});
  Variable kernel(Tensor{8.0}, "dense/kernel"), bias(Tensor{8.0}, "dense/bias");
  adamw.apply_gradients({{Tensor{0.0}, kernel}, {Tensor{0.0}, bias}});
  CHECK(array_equal(kernel, Tensor{7.0}));
  CHECK(array_equal(bias, Tensor{8.0}));
}

TEST_CASE("AdamW refuses impossible numbers") {
  CHECK_THROWS_WITH_AS(AdamW({.weight_decay = {.rate = NAN}}),
                       "AdamW: weight_decay is nan, expected a finite number "
                       "that is not negative",
                       ValueError);
  CHECK_THROWS_WITH_AS(AdamW({.beta1 = 1}), doctest::Contains("beta1 is 1"), ValueError);
}
