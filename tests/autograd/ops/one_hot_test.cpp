#include "unroll/autograd/ops/one_hot.hpp"

#include <doctest/doctest.h>

#include "unroll/core/creation.hpp"

using namespace unroll;

TEST_CASE("one_hot writes on_value at the index and off_value elsewhere") {
  CHECK(array_equal(one_hot(Tensor{2, 0}, 3), Tensor{{0.f, 0.f, 1.f}, {1.f, 0.f, 0.f}}));
  CHECK(array_equal(one_hot(Tensor({1, 3, -1}, int64), 2, {.on_value = 5, .off_value = -1, .dtype = int32}),
                    Tensor{{-1, 5}, {-1, -1}, {-1, -1}}));
  CHECK(array_equal(one_hot(Tensor{2, 0}, 3, {.axis = 0, .dtype = bool_}),
                    Tensor{{false, true}, {false, false}, {true, false}}));
  Tensor middle = one_hot(Tensor{{0, 1, 1}, {2, 0, 1}}, 3, {.axis = 1, .dtype = float64});
  CHECK(array_equal(middle, Tensor{{{1.0, 0.0, 0.0}, {0.0, 1.0, 1.0}, {0.0, 0.0, 0.0}},
                                   {{0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}, {1.0, 0.0, 0.0}}}));
  CHECK(array_equal(one_hot(Tensor(1), 2), Tensor{0.f, 1.f}));
  CHECK(one_hot(Tensor{1, 2}, 0).shape() == Shape{2, 0});
  CHECK(one_hot(zeros({0}, int32), 4).shape() == Shape{0, 4});
}

TEST_CASE("one_hot refuses what is not an index") {
  CHECK_THROWS_WITH_AS(one_hot(Tensor{1.f}, 2), "one_hot: indices are float32, expected int32 or int64", TypeError);
  CHECK_THROWS_AS(one_hot(Tensor{1}, 2, {.on_value = 0.5, .dtype = int32}), TypeError);
  CHECK_THROWS_WITH_AS(one_hot(Tensor{1}, -1), doctest::Contains("depth is -1"), ValueError);
  CHECK_THROWS_AS(one_hot(Tensor{1}, 2, {.axis = 2}), IndexError);
}

TEST_CASE("sequence_mask is true for as many steps as each length says") {
  Tensor expected{{true, false, false}, {true, true, true}, {false, false, false}};
  for (DType type : {int32, int64}) CHECK(array_equal(sequence_mask(Tensor({1, 3, 0}, type)), expected));
  CHECK(array_equal(sequence_mask(Tensor{1, 3, -2}, 2, float32), Tensor{{1.f, 0.f}, {1.f, 1.f}, {0.f, 0.f}}));
  CHECK(array_equal(sequence_mask(Tensor{{1}, {2}}, 2), Tensor{{{true, false}}, {{true, true}}}));
  CHECK(array_equal(sequence_mask(Tensor(2), 3), Tensor{true, true, false}));
  CHECK(sequence_mask(Tensor{1, 2}, 0).shape() == Shape{2, 0});
  CHECK(sequence_mask(zeros({0}, int32)).shape() == Shape{0, 0});
}

TEST_CASE("sequence_mask refuses lengths that are no integers") {
  CHECK_THROWS_WITH_AS(sequence_mask(Tensor{1.f}), doctest::Contains("expected int32 or int64"), TypeError);
  CHECK_THROWS_AS(sequence_mask(Tensor{1.f}, 3), TypeError);
  CHECK_THROWS_AS(sequence_mask(Tensor{1}, -2), ValueError);
}
