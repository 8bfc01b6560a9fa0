#include "unroll/autograd/ops/cast.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/tape.hpp"

using namespace unroll;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
}

TEST_CASE("casts convert every dtype into every other") {
  CHECK(array_equal(cast(Tensor{1.9, -1.9, 0.0, std::nan(""), inf, -3e10}, int32),
                    Tensor{1, -1, 0, 0, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}));
  CHECK(array_equal(cast(Tensor{0.f, -0.f, 0.5f, -2.f, std::nanf("")}, bool_), Tensor{false, false, true, true, true}));
  CHECK(array_equal(cast(Tensor{true, false}, float64), Tensor{1.0, 0.0}));
  CHECK(cast(Tensor{{7, -8}}, int64).at<std::int64_t>({0, 1}) == -8);
  CHECK(cast(Tensor{0.1}, float32).at<float>({0}) == 0.1f);
  CHECK(cast(Tensor(TensorSpec{{0, 3}, int32}), float32).spec() == TensorSpec{{0, 3}, float32});
  CHECK_THROWS_AS(cast(Tensor(), float32), ValueError);
}

TEST_CASE("a cast to the dtype that a tensor has gives the tensor itself") {
  Tensor x{1.f, 2.f};
  CHECK(cast(x, float32).is_same(x));
}

TEST_CASE("the gradient of a cast between floating-point dtypes is cast back") {
  Variable x(Tensor{1.5f, -2.f}, "x");
  GradientTape tape({.persistent = true});
  Tensor y = cast(x, float64) * Tensor{0.1, 3.0};
  CHECK(array_equal(tape.gradient(y, x), Tensor{0.1f, 3.f}));
  CHECK(tape.gradient(y, x).dtype() == float32);
}

TEST_CASE("a cast to integers or bool stops gradients, and no gradient of it can be asked for") {
  Variable x(Tensor{1.5, -2.0}, "x");
  for (DType dtype : {bool_, int32, int64}) {
    GradientTape tape({.persistent = true});
    Tensor whole = cast(x, dtype);
    CHECK_THROWS_AS(tape.gradient(whole, x), TypeError);
    CHECK_FALSE(tape.gradient(cast(whole, float64) * 2.0, x).defined());
    CHECK(array_equal(tape.gradient(cast(whole, float64) * x, x), cast(whole, float64)));
  }
}

TEST_CASE("stop_gradient makes a constant of the values at that moment") {
  Variable x(Tensor{3.0, -2.0}, "x");
  GradientTape tape({.persistent = true});
  Tensor constant = stop_gradient(x);
  CHECK(array_equal(constant, x));
  CHECK_FALSE(tape.gradient(constant * constant, x).defined());
  CHECK(array_equal(tape.gradient(constant * x, x), Tensor{3.0, -2.0}));
  x.assign(Tensor{7.0, 7.0});
  CHECK(array_equal(constant, Tensor{3.0, -2.0}));
  CHECK(stop_gradient(Tensor{1, 2}).dtype() == int32);
  CHECK_THROWS_AS(stop_gradient(Tensor()), ValueError);
}

TEST_CASE("identity separates one use of a tensor from the others") {
  Variable x(Tensor{3.0, -2.0}, "x");
  GradientTape tape;
  Tensor copy = identity(x);
  auto g = tape.gradient(copy * x * x, Nest::tuple({copy, x}));
  CHECK(array_equal(g[0], Tensor{9.0, 4.0}));
  CHECK(array_equal(g[1], Tensor{27.0, 12.0}));
}
