#include "unroll/autograd/ops/comparison.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/tape.hpp"

using namespace unroll;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), NaN = std::numeric_limits<double>::quiet_NaN();

struct Comparison {
  std::string name;
  Tensor (*op)(const Tensor&, const Tensor&);
  Tensor (*with_number)(const Tensor&, double);
  bool if_less, if_equal, if_greater, if_nan;
};

const Comparison comparisons[] = {
    {"equal", equal, equal, false, true, false, false},
    {"not_equal", not_equal, not_equal, true, false, true, true},
    {"less", less, less, true, false, false, false},
    {"less_equal", less_equal, less_equal, true, true, false, false},
    {"greater", greater, greater, false, false, true, false},
    {"greater_equal", greater_equal, greater_equal, false, true, true, false},
};

}  // namespace

TEST_CASE("comparisons give bool, element by element, for all numbers and with a number") {
  for (const Comparison& c : comparisons) {
    INFO(c.name);
    Tensor expected{c.if_less, c.if_equal, c.if_greater};
    for (DType dtype : {int32, int64, float32, float64}) {
      CHECK(array_equal(c.op(Tensor({-1, 2, 5}, dtype), Tensor({3, 2, -4}, dtype)), expected));
      CHECK(array_equal(c.with_number(Tensor({-1, 2, 5}, dtype), 2), expected));
    }
    CHECK(array_equal(c.op(Tensor{NaN, 1.0, NaN}, Tensor{1.0, NaN, NaN}), Tensor{c.if_nan, c.if_nan, c.if_nan}));
    CHECK(array_equal(c.op(Tensor{-0.0, -inf, inf}, Tensor{0.0, inf, inf}), Tensor{c.if_equal, c.if_less, c.if_equal}));
  }
}

TEST_CASE("comparisons broadcast by NumPy's rule") {
  Tensor column{{1}, {3}}, row{0, 1, 2};
  for (const Comparison& c : comparisons) {
    INFO(c.name);
    Tensor y = c.op(column, row);
    CHECK(y.spec() == TensorSpec{{2, 3}, bool_});
    for (Index i = 0; i < 2; ++i)
      for (Index j = 0; j < 3; ++j) {
        int a = column.at<int>({i, 0}), b = row.at<int>({j});
        CHECK(y.at<bool>({i, j}) == (a < b ? c.if_less : a == b ? c.if_equal : c.if_greater));
      }
    CHECK(array_equal(c.op(Tensor(2), Tensor(2)), Tensor(c.if_equal)));
    CHECK_THROWS_AS(c.op(column, Tensor{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}), ValueError);
    CHECK_THROWS_AS(c.op(Tensor{1.f}, Tensor{1.0}), TypeError);
    CHECK_THROWS_AS(c.with_number(Tensor{1}, 0.5), TypeError);
    CHECK_THROWS_AS(c.op(Tensor(), Tensor{1}), ValueError);
  }
}

TEST_CASE("bool is equal or not, but has no order") {
  CHECK(array_equal(equal(Tensor{true, false}, Tensor(true)), Tensor{true, false}));
  CHECK(array_equal(not_equal(Tensor{true, false}, Tensor(true)), Tensor{false, true}));
  CHECK_THROWS_WITH_AS(less(Tensor{true}, Tensor{true}), "less: expected numbers, got bool", TypeError);
}

TEST_CASE("logic follows the truth tables and is for bool only") {
  Tensor a{{false}, {true}}, b{false, true};
  CHECK(array_equal(logical_and(a, b), Tensor{{false, false}, {false, true}}));
  CHECK(array_equal(logical_or(a, b), Tensor{{false, true}, {true, true}}));
  CHECK(array_equal(logical_xor(a, b), Tensor{{false, true}, {true, false}}));
  CHECK(array_equal(logical_not(b), Tensor{true, false}));
  CHECK_THROWS_WITH_AS(logical_and(a, Tensor{1}), "logical_and: expected bool, got int32", TypeError);
  CHECK_THROWS_AS(logical_or(Tensor{1.f}, b), TypeError);
  CHECK_THROWS_AS(logical_not(Tensor{1}), TypeError);
}

TEST_CASE("NaN and infinities are told apart") {
  CHECK(array_equal(is_nan(Tensor{NaN, inf, -inf, 1.0}), Tensor{true, false, false, false}));
  CHECK(array_equal(is_finite(Tensor{NaN, inf, -inf, 1.0}), Tensor{false, false, false, true}));
  float largest = std::numeric_limits<float>::max();
  CHECK(
      array_equal(is_finite(Tensor{largest, -largest, std::nanf(""), largest * 2}), Tensor{true, true, false, false}));
  CHECK_THROWS_AS(is_nan(Tensor{1}), TypeError);
  CHECK_THROWS_AS(is_finite(Tensor{true}), TypeError);
}

TEST_CASE("argmax and argmin find the first extreme along any axis") {
  Tensor x{{{1.0, 5.0}, {4.0, 5.0}, {4.0, -7.0}}, {{0.0, -2.0}, {-3.0, -2.5}, {-3.0, -2.5}}};
  CHECK(array_equal(argmax(x, 1, int32), Tensor{{1, 0}, {0, 0}}));
  CHECK(array_equal(argmin(x, 1, int32), Tensor{{0, 2}, {1, 1}}));
  CHECK(array_equal(argmax(x, -1, int32), Tensor{{1, 1, 0}, {0, 1, 1}}));
  CHECK(array_equal(argmax(x, 0), cast(Tensor{{0, 0}, {0, 0}, {0, 1}}, int64)));
  CHECK(argmax(x).spec() == TensorSpec{{3, 2}, int64});
  CHECK(argmin(Tensor{3, -1, 2}).item<int>() == 1);
  CHECK(argmax(Tensor(TensorSpec{{4, 0, 2}, float32})).shape() == Shape{0, 2});
}

TEST_CASE("the first NaN is the extreme") {
  CHECK(argmax(Tensor{1.0, NaN, inf, NaN}).item<int>() == 1);
  CHECK(argmin(Tensor{1.0, -inf, NaN, NaN}).item<int>() == 2);
  CHECK(argmax(Tensor{-inf, -inf}).item<int>() == 0);
}

TEST_CASE("argmax refuses empty axes and dtypes that cannot count") {
  CHECK_THROWS_WITH_AS(argmax(Tensor(TensorSpec{{2, 0}, float32}), 1),
                       "argmax: there is no element along axis 1 of shape (2, 0)", ValueError);
  CHECK_THROWS_WITH_AS(argmin(Tensor{1.0}, 0, float32), "argmin: output_type is float32, expected int32 or int64",
                       TypeError);
  CHECK_THROWS_WITH_AS(argmax(Tensor{1.0}, 1), "argmax: axis 1 is out of range for rank 1", IndexError);
  CHECK_THROWS_AS(argmax(Tensor(1.0)), IndexError);
  CHECK_THROWS_AS(argmax(Tensor{true}), TypeError);
}

TEST_CASE("no gradient can be asked of a comparison, and none passes through it") {
  Variable x(Tensor{1.0, -2.0}, "x");
  GradientTape tape({.persistent = true});
  for (const Comparison& c : comparisons) {
    Tensor y = c.op(x, Tensor(0.0));
    CHECK_THROWS_AS(tape.gradient(y, x), TypeError);
    CHECK_FALSE(tape.gradient(cast(y, float64), x).defined());
  }
  CHECK_THROWS_WITH_AS(tape.gradient(argmax(x), x),
                       "GradientTape: the target is int64; only float32 and float64 have gradients", TypeError);
  CHECK_THROWS_AS(tape.gradient(is_nan(x), x), TypeError);
  CHECK_THROWS_AS(tape.gradient(logical_not(is_finite(x)), x), TypeError);
  CHECK(tape.size() == 0);
}
