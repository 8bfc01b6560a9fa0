#include "unroll/core/creation.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace unroll;

TEST_CASE("zeros, ones and full fill a shape in every dtype") {
  for (DType dtype : {bool_, int32, int64, float32, float64}) {
    CHECK(array_equal(zeros({2, 3}, dtype), Tensor({{0, 0, 0}, {0, 0, 0}}, dtype)));
    CHECK(array_equal(ones({3}, dtype), Tensor({1, 1, 1}, dtype)));
    CHECK(array_equal(full({2}, 1, dtype), ones({2}, dtype)));
    CHECK(zeros({0, 2}, dtype).spec() == TensorSpec{{0, 2}, dtype});
    CHECK(ones({}, dtype).size() == 1);
  }
  CHECK(zeros({1}).dtype() == float32);
  CHECK(array_equal(full({2}, -2.75, int32), Tensor{-2, -2}));
  CHECK(std::isnan(full({}, double{NAN}).item<float>()));
  Tensor like{{1, 2}};
  CHECK(array_equal(zeros_like(like), Tensor{{0, 0}}));
  CHECK(array_equal(ones_like(like), Tensor{{1, 1}}));
  CHECK_THROWS_AS(zeros_like(Tensor()), ValueError);
}

TEST_CASE("arange counts up and down, without its end") {
  CHECK(array_equal(arange(4), Tensor{0L, 1L, 2L, 3L}));
  CHECK(array_equal(arange(2, 8, 3, int32), Tensor{2, 5}));
  CHECK(array_equal(arange(3, 0, -1, int32), Tensor{3, 2, 1}));
  CHECK(array_equal(arange(0, 1, 0.25, float32), Tensor{0.f, 0.25f, 0.5f, 0.75f}));
  CHECK(arange(0, 1, 0.1, float64).size() == 10);
  CHECK(arange(0).size() == 0);
  CHECK(arange(5, 2).size() == 0);
  CHECK_THROWS_WITH_AS(arange(0, 1, 0), doctest::Contains("arange: start 0, stop 1 and step 0"), ValueError);
  CHECK_THROWS_AS(arange(double{NAN}), ValueError);
  CHECK_THROWS_AS(arange(INFINITY), ValueError);
  CHECK_THROWS_AS(arange(1e300), ResourceExhaustedError);
  CHECK_THROWS_AS(arange(2, bool_), TypeError);
}

TEST_CASE("linspace includes both ends exactly") {
  CHECK(array_equal(linspace(0, 1, 5), Tensor{0.f, 0.25f, 0.5f, 0.75f, 1.f}));
  Tensor x = linspace(-0.1, 0.7, 11, float64);
  CHECK(x.at<double>({0}) == -0.1);
  CHECK(x.at<double>({10}) == 0.7);
  CHECK(x.at<double>({3}) == doctest::Approx(0.14));
  CHECK(array_equal(linspace(2, 9, 1, float64), Tensor{2.0}));
  CHECK(linspace(0, 1, 0).size() == 0);
  CHECK_THROWS_AS(linspace(0, 1, -1), ValueError);
  CHECK_THROWS_AS(linspace(0, 1, 3, int32), TypeError);
}

TEST_CASE("eye has ones on its diagonal") {
  CHECK(array_equal(eye(2), Tensor{{1.f, 0.f}, {0.f, 1.f}}));
  CHECK(array_equal(eye(2, 3, int32), Tensor{{1, 0, 0}, {0, 1, 0}}));
  CHECK(array_equal(eye(3, 2, bool_), Tensor{{true, false}, {false, true}, {false, false}}));
  CHECK(eye(0).shape() == Shape{0, 0});
  CHECK(eye(2, 0).shape() == Shape{2, 0});
  CHECK_THROWS_AS(eye(-2), ValueError);
  CHECK_THROWS_AS(eye(2, -3), ValueError);
}
