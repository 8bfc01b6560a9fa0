#include "unroll/autograd/ops/floor.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"

using namespace unroll;

TEST_CASE("floor rounds down and has no gradient") {
  CHECK(array_equal(floor(Tensor{-1.5, -0.0, 0.9, 3.0}), Tensor{-2.0, 0.0, 0.0, 3.0}));
  CHECK(array_equal(floor(Tensor{2.5f}), Tensor{2.f}));
  CHECK_THROWS_AS(floor(Tensor{1}), TypeError);
}

TEST_CASE("floor_mod has the sign of the divisor, and its gradients") {
  Tensor a{7.5, -7.5, 7.5, -0.25}, b{2.0, 2.0, -2.0, 3.0};
  CHECK(array_equal(floor_mod(a, b), Tensor{1.5, 0.5, -0.5, 2.75}));
  auto check = check_gradients([](const std::vector<Tensor>& x) { return floor_mod(x[0], x[1]); }, {a, b});
  CHECK_MESSAGE(check, check.to_string());
}
