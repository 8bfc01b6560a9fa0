#include "unroll/optim/adam.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("Adam takes the steps that TensorFlow's AdamOptimizer takes") {
  check_golden("AdamOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<Adam>(AdamOptions{.learning_rate = argument(a, "learning_rate", 0.001),
                                              .beta1 = argument(a, "beta1", 0.9),
                                              .beta2 = argument(a, "beta2", 0.999),
                                              .epsilon = argument(a, "epsilon", 1e-8)});
  });
}

TEST_CASE("Adam works in place and gives each element the same bits everywhere") {
  check_optimizer([] { return std::make_unique<Adam>(AdamOptions{.learning_rate = 0.03, .beta1 = 0.8}); });
}

TEST_CASE("Adam reaches the minimum of a convex quadratic") {
  Adam adam({.learning_rate = 0.05});
  CHECK(error_after(adam, 1200) < 1e-4);
}

TEST_CASE("Adam's first step is the learning rate against the gradient's sign, whatever its size") {
  Adam adam({.learning_rate = 0.25, .epsilon = 0});
  Variable x(Tensor{1.0, 1.0, 1.0}, "x");
  adam.apply_gradients({{Tensor{1e-9, -3.0, 1e9}, x}});
  CHECK(allclose(x, Tensor{0.75, 1.25, 0.75}, 1e-13, 0));
}

TEST_CASE("Adam's moments are exponential averages of the gradient and its square") {
  Adam adam({.beta1 = 0.75, .beta2 = 0.5});
  Variable x(Tensor{1.0, -2.0}, "x");
  adam.apply_gradients({{Tensor{8.0, -4.0}, x}});
  CHECK(array_equal(adam.slot(x, "m"), Tensor{2.0, -1.0}));
  CHECK(array_equal(adam.slot(x, "v"), Tensor{32.0, 8.0}));
  adam.apply_gradients({{Tensor{4.0, 0.0}, x}});
  CHECK(array_equal(adam.slot(x, "m"), Tensor{2.5, -0.75}));
  CHECK(array_equal(adam.slot(x, "v"), Tensor{24.0, 4.0}));
  CHECK(adam.slot_names() == std::vector<std::string>{"m", "v"});
}

TEST_CASE("Adam counts steps for all variables together, in the widest dtype of the first step") {
  Adam adam({.beta1 = 0.5, .beta2 = 0.25});
  Variable x(Tensor{1.f}, "x"), y(Tensor{1.0}, "y");
  adam.apply_gradients({Tensor{1.f}, Tensor()}, {x, y});
  adam.apply_gradients({Tensor(), Tensor{1.0}}, {x, y});
  auto all = adam.variables();
  REQUIRE(all.size() == 6);
  CHECK(all[0].name() == "beta1_power");
  CHECK(array_equal(all[0], Tensor(0.125f)));
  CHECK(all[1].name() == "beta2_power");
  CHECK(array_equal(all[1], Tensor(0.015625f)));
  Adam wide;
  wide.build({x, y});
  CHECK(wide.variables()[0].dtype() == float64);
}

TEST_CASE("Adam with AMSGrad divides by the largest second moment so far") {
  Adam adam({.beta1 = 0.5, .beta2 = 0.5, .epsilon = 0, .amsgrad = true});
  Variable x(Tensor{1.0}, "x");
  adam.apply_gradients({{Tensor{8.0}, x}});
  adam.apply_gradients({{Tensor{1.0}, x}});
  CHECK(array_equal(adam.slot(x, "v"), Tensor{16.5}));
  CHECK(array_equal(adam.slot(x, "vhat"), Tensor{32.0}));
  const double step2 = 0.001 * std::sqrt(0.75) / 0.75 * 2.5 / std::sqrt(32.0);
  CHECK(allclose(x, Tensor{1 - 0.001 - step2}, 1e-14, 0));
  check_optimizer([] { return std::make_unique<Adam>(AdamOptions{.learning_rate = 0.03, .amsgrad = true}); });
}

TEST_CASE("Adam refuses numbers with which it would divide by zero or walk uphill") {
  CHECK_THROWS_WITH_AS(Adam({.beta1 = 1.0}), "Adam: beta1 is 1, expected a number in [0, 1)", ValueError);
  CHECK_THROWS_AS(Adam({.beta1 = -0.1}), ValueError);
  CHECK_THROWS_AS(Adam({.beta2 = std::nan("")}), ValueError);
  CHECK_THROWS_WITH_AS(Adam({.beta2 = 0.99999999999}), doctest::Contains("beta2"), ValueError);  // 1 in float32
  CHECK_THROWS_WITH_AS(Adam({.epsilon = -1e-8}), doctest::Contains("epsilon"), ValueError);
  CHECK_THROWS_WITH_AS(Adam({.learning_rate = -1}), doctest::Contains("learning_rate is -1"), ValueError);
}
