#include "unroll/autograd/ops/cumsum.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

TEST_CASE("cumsum adds up along an axis, either way") {
  Tensor x{1, 2, 3, 4};
  CHECK(array_equal(cumsum(x), Tensor{1, 3, 6, 10}));
  CHECK(array_equal(cumsum(x, 0, {.exclusive = true}), Tensor{0, 1, 3, 6}));
  CHECK(array_equal(cumsum(x, 0, {.reverse = true}), Tensor{10, 9, 7, 4}));
  CHECK(array_equal(cumsum(x, -1, {.exclusive = true, .reverse = true}), Tensor{9, 7, 4, 0}));
  Tensor y{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}};
  CHECK(array_equal(cumsum(y), Tensor{{1.f, 2.f, 3.f}, {5.f, 7.f, 9.f}}));
  CHECK(array_equal(cumsum(y, 1, {.reverse = true}), Tensor{{6.f, 5.f, 3.f}, {15.f, 11.f, 6.f}}));
  CHECK(cumsum(zeros({2, 0, 3}), 1).shape() == Shape{2, 0, 3});
}

TEST_CASE("cumsum has the right gradients") {
  Tensor x = numbers({2, 3, 2}, 1);
  for (int axis : {0, 1, -1})
    for (int flags = 0; flags < 4; ++flags) {
      CumsumOptions how{bool(flags & 1), bool(flags & 2)};
      auto check = check_gradients([&](const std::vector<Tensor>& in) { return cumsum(in[0], axis, how); }, {x});
      CHECK_MESSAGE(check, check.to_string());
    }
}

TEST_CASE("cumsum refuses axes and dtypes that do not fit") {
  CHECK_THROWS_WITH_AS(cumsum(zeros({2}), 1), doctest::Contains("cumsum: axis 1"), IndexError);
  CHECK_THROWS_AS(cumsum(zeros({}), 0), IndexError);
  CHECK_THROWS_AS(cumsum(zeros({2}, bool_)), TypeError);
}
