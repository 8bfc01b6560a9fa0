#include "unroll/autograd/ops/pad.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
const Tensor x{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, line{1, 2, 3};

void check_gradient(const std::function<Nest(const std::vector<Tensor>&)>& f) {
  auto check = check_gradients(f, {x});
  CHECK_MESSAGE(check, check.to_string());
}
}  // namespace

TEST_CASE("pad surrounds with a value") {
  CHECK(array_equal(pad(x, {{1, 0}, {0, 2}}),
                    Tensor{{0.0, 0.0, 0.0, 0.0, 0.0}, {1.0, 2.0, 3.0, 0.0, 0.0}, {4.0, 5.0, 6.0, 0.0, 0.0}}));
  CHECK(array_equal(pad(line, {{2, 1}}, {.constant_values = -7}), Tensor{-7, -7, 1, 2, 3, -7}));
  CHECK(array_equal(pad(zeros({0, 2}), {{1, 0}, {0, 1}}, {.constant_values = 2.5}), Tensor{{2.5f, 2.5f, 2.5f}}));
  CHECK(array_equal(pad(Tensor(4), std::vector<Padding>()), Tensor(4)));
  CHECK(pad(x, {{0, 0}, {0, 0}}).shape() == x.shape());
  for (DType dtype : {bool_, int32, int64, float32, float64})
    CHECK(array_equal(pad(Tensor(x, dtype), {{1, 2}, {3, 0}}), Tensor(pad(x, {{1, 2}, {3, 0}}), dtype)));
}

TEST_CASE("pad mirrors at the outermost element or beyond it") {
  CHECK(array_equal(pad(line, {{2, 2}}, {.mode = PadMode::reflect}), Tensor{3, 2, 1, 2, 3, 2, 1}));
  CHECK(array_equal(pad(line, {{3, 1}}, {.mode = PadMode::symmetric}), Tensor{3, 2, 1, 1, 2, 3, 3}));
  CHECK(array_equal(pad(x, {{0, 1}, {1, 0}}, {.mode = PadMode::reflect}),
                    Tensor{{2.0, 1.0, 2.0, 3.0}, {5.0, 4.0, 5.0, 6.0}, {2.0, 1.0, 2.0, 3.0}}));
  CHECK(pad(zeros({0, 2}), {{0, 0}, {0, 1}}, {.mode = PadMode::symmetric}).shape() == Shape{0, 3});
}

TEST_CASE("pad refuses borders that cannot be") {
  CHECK_THROWS_WITH_AS(pad(x, {{1, 1}}), doctest::Contains("1 paddings given, expected 2"), ValueError);
  CHECK_THROWS_WITH_AS(pad(line, {{-1, 0}}), doctest::Contains("padding of axis 0 is (-1, 0)"), ValueError);
  CHECK_THROWS_AS(pad(line, {{3, 0}}, {.mode = PadMode::reflect}), ValueError);
  CHECK_THROWS_AS(pad(line, {{0, 4}}, {.mode = PadMode::symmetric}), ValueError);
  CHECK_THROWS_AS(pad(zeros({0}), {{0, 1}}, {.mode = PadMode::symmetric}), ValueError);
  CHECK_THROWS_AS(pad(line, {{Index{1} << 61, Index{1} << 61}}), Error);
  CHECK_THROWS_AS(pad(line, {{1, 1}}, {.constant_values = 0.5}), TypeError);
}

TEST_CASE("tile repeats along each axis") {
  CHECK(array_equal(tile(line, {3}), Tensor{1, 2, 3, 1, 2, 3, 1, 2, 3}));
  CHECK(array_equal(tile(x, {2, 1}), Tensor{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}, {1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}));
  CHECK(array_equal(tile(x, {1, 2}), Tensor{{1.0, 2.0, 3.0, 1.0, 2.0, 3.0}, {4.0, 5.0, 6.0, 4.0, 5.0, 6.0}}));
  CHECK(tile(x, {3, 0}).shape() == Shape{6, 0});
  CHECK(tile(zeros({0, 2}), {3, 2}).shape() == Shape{0, 4});
  CHECK(array_equal(tile(Tensor(5), {}), Tensor(5)));
  for (DType dtype : {bool_, int32, int64, float32, float64})
    CHECK(array_equal(tile(Tensor(x, dtype), {2, 3}), Tensor(tile(x, {2, 3}), dtype)));
  CHECK_THROWS_WITH_AS(tile(x, {2}), doctest::Contains("1 multiples given, expected 2"), ValueError);
  CHECK_THROWS_AS(tile(x, {2, -1}), ValueError);
  CHECK_THROWS_AS(tile(x, {Index{1} << 62, 1}), Error);
}

TEST_CASE("gradients of borders and copies go back to what they came from") {
  check_gradient([](const std::vector<Tensor>& in) { return pad(in[0], {{1, 0}, {2, 1}}); });
  check_gradient([](const std::vector<Tensor>& in) {
    return pad(in[0] * in[0], {{1, 1}, {2, 1}}, {.mode = PadMode::reflect});
  });
  check_gradient([](const std::vector<Tensor>& in) {
    return pad(in[0] * in[0], {{2, 1}, {0, 3}}, {.mode = PadMode::symmetric});
  });
  check_gradient([](const std::vector<Tensor>& in) { return tile(in[0] * in[0], {2, 3}); });
}
