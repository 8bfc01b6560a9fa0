#include <doctest/doctest.h>

#include <cmath>

#include "unroll/core/creation.hpp"
#include "unroll/core/tensor.hpp"

using namespace unroll;

namespace {
const double not_a_number = NAN, infinity = INFINITY;
}

TEST_CASE("allclose allows atol plus rtol times the second operand") {
  Tensor a{100.0, 1.0}, b{100.001, 1.0};
  CHECK(allclose(a, b));
  CHECK_FALSE(allclose(a, b, 1e-6));
  CHECK(allclose(a, b, 0, 0.0011));
  CHECK_FALSE(allclose(a, b, 0, 0.0009));
  CHECK(allclose(Tensor{1e-9}, Tensor{0.0}));
  CHECK_FALSE(allclose(Tensor{1e-7}, Tensor{0.0}));
  CHECK(allclose(Tensor{10.0}, Tensor{11.0}, 0.095, 0));  // 1 <= 0.095 * 11
  CHECK_FALSE(allclose(Tensor{11.0}, Tensor{10.0}, 0.095, 0));
}

TEST_CASE("allclose finds a difference anywhere") {
  Tensor a = arange(0, 60, 1, float64).reshaped_view({3, 4, 5});
  for (Index i = 0; i < a.size(); ++i) {
    Tensor b = a;
    b.mutable_data<double>()[i] += 0.5;
    CHECK_FALSE(allclose(a, b));
    CHECK_FALSE(allclose(b, a));
  }
}

TEST_CASE("allclose broadcasts") {
  Tensor rows{{1.0, 2.0, 3.0}, {1.0, 2.0, 3.0}};
  CHECK(allclose(rows, Tensor{1.0, 2.0, 3.0}));
  CHECK(allclose(Tensor{{1.0}, {1.0}}, ones({2, 3}, float64)));
  CHECK_FALSE(allclose(rows, Tensor{{1.0}, {1.0}}));
  CHECK(allclose(ones({4}), Tensor(1.0)));
  CHECK(allclose(zeros({0, 3}), Tensor{5.0, 6.0, 7.0}));
  CHECK_THROWS_WITH_AS(allclose(rows, Tensor{1.0, 2.0}),
                       "allclose: shapes (2, 3) and (2,) cannot be broadcast together", ValueError);
}

TEST_CASE("allclose compares any two dtypes") {
  CHECK(allclose(Tensor{1, 2}, Tensor{1.0, 2.0}));
  CHECK(allclose(Tensor{0.1f}, Tensor{0.1}));
  CHECK_FALSE(allclose(Tensor{0.1f}, Tensor{0.1}, 1e-9, 0));
  CHECK(allclose(Tensor{true, false}, Tensor{1L, 0L}));
  CHECK_FALSE(allclose(Tensor{true}, Tensor{2}));
}

TEST_CASE("an infinity is close to itself alone, and NaN to NaN only if asked") {
  CHECK(allclose(Tensor{infinity, -infinity}, Tensor{infinity, -infinity}));
  CHECK_FALSE(allclose(Tensor{infinity}, Tensor{-infinity}));
  CHECK_FALSE(allclose(Tensor{infinity}, Tensor{1e308}));
  CHECK_FALSE(allclose(Tensor{1e308}, Tensor{infinity}));
  CHECK_FALSE(allclose(Tensor{not_a_number}, Tensor{not_a_number}));
  CHECK(allclose(Tensor{not_a_number, 1.0}, Tensor{not_a_number, 1.0}, 1e-5, 1e-8, true));
  CHECK_FALSE(allclose(Tensor{not_a_number}, Tensor{1.0}, 1e-5, 1e-8, true));
  CHECK_FALSE(allclose(Tensor{not_a_number, 1.0}, Tensor{not_a_number, 2.0}, 1e-5, 1e-8, true));
}
