#include "unroll/optim/rmsprop.hpp"

#include "optim/optimizer_checks.hpp"

using namespace unroll;

TEST_CASE("RMSProp takes the steps that TensorFlow's RMSPropOptimizer takes") {
  check_golden("RMSPropOptimizer", [](const nlohmann::json& a) {
    return std::make_unique<RMSProp>(RMSPropOptions{.learning_rate = argument(a, "learning_rate", NAN),
                                                    .decay = argument(a, "decay", 0.9),
                                                    .momentum = argument(a, "momentum", 0),
                                                    .epsilon = argument(a, "epsilon", 1e-10),
                                                    .centered = flag(a, "centered")});
  });
}

TEST_CASE("RMSProp works in place and gives each element the same bits everywhere") {
  for (bool centered : {false, true})
    check_optimizer([=] {
      return std::make_unique<RMSProp>(
          RMSPropOptions{.learning_rate = 0.03, .momentum = 0.5, .epsilon = 0.5, .centered = centered});
    });
}

TEST_CASE("RMSProp reaches the minimum of a convex quadratic") {
  RMSProp plain({.learning_rate = 0.02, .momentum = 0.5, .epsilon = 1});
  CHECK(error_after(plain, 2000) < 1e-5);
  RMSProp centered({.learning_rate = 0.02, .momentum = 0.5, .epsilon = 1, .centered = true});
  CHECK(error_after(centered, 2000) < 1e-5);
}

TEST_CASE("RMSProp's mean square starts at 1, and centring subtracts the squared mean") {
  RMSProp plain({.learning_rate = 0.5, .decay = 0.75, .epsilon = 0});
  RMSProp centered({.learning_rate = 0.5, .decay = 0.75, .epsilon = 0, .centered = true});
  Variable x(Tensor{1.0}, "x"), y(Tensor{1.0}, "y");
  plain.build({x});
  CHECK(array_equal(plain.slot(x, "rms"), Tensor{1.0}));
  CHECK(array_equal(plain.slot(x, "momentum"), Tensor{0.0}));
  plain.apply_gradients({{Tensor{5.0}, x}});
  centered.apply_gradients({{Tensor{5.0}, y}});
  CHECK(array_equal(plain.slot(x, "rms"), Tensor{7.0}));
  CHECK(array_equal(centered.slot(y, "mg"), Tensor{1.25}));
  CHECK(allclose(x, Tensor{1 - 2.5 / std::sqrt(7.0)}, 1e-15, 0));
  CHECK(allclose(y, Tensor{1 - 2.5 / std::sqrt(7.0 - 1.5625)}, 1e-15, 0));
  CHECK(plain.slot_names() == std::vector<std::string>{"rms", "momentum"});
  CHECK(centered.slot_names() == std::vector<std::string>{"rms", "mg", "momentum"});
}

TEST_CASE("RMSProp refuses impossible numbers") {
  CHECK_THROWS_AS(RMSProp({}), ValueError);
  CHECK_THROWS_WITH_AS(RMSProp({.learning_rate = 0.1, .decay = 1.5}),
                       "RMSProp: decay is 1.5, expected a number in [0, 1]", ValueError);
  CHECK_THROWS_WITH_AS(RMSProp({.learning_rate = 0.1, .momentum = NAN}), doctest::Contains("momentum"), ValueError);
  CHECK_THROWS_WITH_AS(RMSProp({.learning_rate = 0.1, .epsilon = -1}), doctest::Contains("epsilon"), ValueError);
}
