#include "unroll/autograd/ops/reshape.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
const Tensor x{{1.5, -2.0, 0.25}, {3.0, 0.5, -1.25}};
}

TEST_CASE("reshape keeps the elements in row-major order and works out a dimension of -1") {
  CHECK(array_equal(reshape(x, {3, 2}), Tensor{{1.5, -2.0}, {0.25, 3.0}, {0.5, -1.25}}));
  CHECK(reshape(x, {-1}).shape() == Shape{6});
  CHECK(reshape(x, {1, -1, 2}).shape() == Shape{1, 3, 2});
  CHECK(reshape(x, Shape{6, 1}).shape() == Shape{6, 1});
  CHECK(reshape(x, std::vector<Index>{2, -1}).shape() == Shape{2, 3});
  CHECK(reshape(Tensor(7.0), {1, 1}).shape() == Shape{1, 1});
  CHECK(reshape(Tensor{7.0}, {}).shape() == Shape{});
  CHECK(reshape(zeros({0, 4}), {-1, 2}).shape() == Shape{0, 2});
  CHECK(reshape(zeros({0, 4}), {3, 0, 5}).shape() == Shape{3, 0, 5});
}

TEST_CASE("reshape is a view for every dtype") {
  for (DType dtype : {bool_, int32, int64, float32, float64}) {
    Tensor t(x, dtype), y = reshape(t, {3, 2});
    CHECK(y.raw() == t.raw());
    CHECK(y.dtype() == dtype);
  }
}

TEST_CASE("reshape refuses sizes that differ and dimensions that cannot be worked out") {
  CHECK_THROWS_WITH_AS(reshape(x, {2, 2}), "reshape: shape (2, 3) has 6 elements and cannot become (2, 2)", ValueError);
  CHECK_THROWS_WITH_AS(reshape(x, {-1, 4}), doctest::Contains("-1 cannot be worked out"), ValueError);
  CHECK_THROWS_WITH_AS(reshape(zeros({0, 2}), {-1, 0}), doctest::Contains("-1 cannot be worked out"), ValueError);
  CHECK_THROWS_WITH_AS(reshape(x, {-1, -1}), doctest::Contains("dimensions 0 and 1 are both -1"), ValueError);
  CHECK_THROWS_AS(reshape(x, {-2, -3}), ValueError);
  CHECK_THROWS_AS(reshape(x, {-2, -1}), ValueError);
  CHECK_THROWS_AS(reshape(x, {1, 1, 1, 1, 1, 1, 1, 2, 3}), ValueError);
  CHECK_THROWS_AS(reshape(x, {Index{1} << 40, Index{1} << 40}), ResourceExhaustedError);
  CHECK_THROWS_AS(reshape(x, {-1, Index{1} << 40, Index{1} << 40}), ValueError);
  CHECK_THROWS_AS(reshape(Tensor(), {1}), ValueError);
}

TEST_CASE("expand_dims inserts and squeeze removes dimensions of 1") {
  CHECK(expand_dims(x, 0).shape() == Shape{1, 2, 3});
  CHECK(expand_dims(x, 1).shape() == Shape{2, 1, 3});
  CHECK(expand_dims(x, -1).shape() == Shape{2, 3, 1});
  CHECK(expand_dims(x, -3).shape() == Shape{1, 2, 3});
  CHECK(expand_dims(Tensor(1.0), -1).shape() == Shape{1});
  CHECK_THROWS_WITH_AS(expand_dims(x, 3), "expand_dims: axis 3 is out of range for rank 3", IndexError);
  CHECK_THROWS_AS(expand_dims(x, -4), IndexError);

  Tensor y = reshape(x, {1, 2, 1, 3, 1});
  CHECK(squeeze(y).shape() == Shape{2, 3});
  CHECK(squeeze(y, {2}).shape() == Shape{1, 2, 3, 1});
  CHECK(squeeze(y, {0, -1}).shape() == Shape{2, 1, 3});
  CHECK(squeeze(ones({1, 1})).shape() == Shape{});
  CHECK_THROWS_WITH_AS(squeeze(y, {1}), doctest::Contains("axis 1 of shape (1, 2, 1, 3, 1) is not 1"), ValueError);
  CHECK_THROWS_AS(squeeze(y, {5}), IndexError);
}

TEST_CASE("flatten joins a range of axes") {
  Tensor y = zeros({2, 3, 4, 5});
  CHECK(flatten(y).shape() == Shape{120});
  CHECK(flatten(y, 1).shape() == Shape{2, 60});
  CHECK(flatten(y, 1, 2).shape() == Shape{2, 12, 5});
  CHECK(flatten(y, -2).shape() == Shape{2, 3, 20});
  CHECK(flatten(y, 2, 2).shape() == y.shape());
  CHECK(flatten(Tensor(3.0)).shape() == Shape{1});
  CHECK_THROWS_AS(flatten(y, 4), IndexError);
  CHECK_THROWS_WITH_AS(flatten(y, 2, 1), doctest::Contains("before the first"), ValueError);
}

TEST_CASE("gradients of reshapes go back into the shape that came") {
  auto check = check_gradients(
      [](const std::vector<Tensor>& in) {
        return Nest::tuple({reshape(in[0], {3, -1}), expand_dims(in[0], 1), squeeze(in[1]), flatten(in[1], 1)});
      },
      {x, reshape(x, {3, 1, 2})});
  CHECK_MESSAGE(check, check.to_string());
}
