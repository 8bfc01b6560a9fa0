#include "unroll/autograd/ops/arithmetic.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/transpose.hpp"

using namespace unroll;

namespace {
using Binary = Tensor (*)(const Tensor&, const Tensor&);
const Binary all[] = {add, subtract, multiply, divide};
const Tensor a{{1.5, -2.0, 0.25}, {3.0, 0.5, -1.25}};
}  // namespace

TEST_CASE("sums, differences, products and quotients are taken element by element") {
  Tensor b{{2.0, 4.0, -0.5}, {0.5, 8.0, 2.5}};
  CHECK(array_equal(a + b, Tensor{{3.5, 2.0, -0.25}, {3.5, 8.5, 1.25}}));
  CHECK(array_equal(a - b, Tensor{{-0.5, -6.0, 0.75}, {2.5, -7.5, -3.75}}));
  CHECK(array_equal(a * b, Tensor{{3.0, -8.0, -0.125}, {1.5, 4.0, -3.125}}));
  CHECK(array_equal(a / b, Tensor{{0.75, -0.5, -0.5}, {6.0, 0.0625, -0.5}}));
  CHECK(array_equal(-a, Tensor{{-1.5, 2.0, -0.25}, {-3.0, -0.5, 1.25}}));
  CHECK(array_equal(Tensor{1, 2} * Tensor{3, -4}, Tensor{3, -8}));
}

TEST_CASE("a C++ number takes the dtype of the tensor") {
  CHECK(array_equal(2.0 - Tensor{0.5f, 4.f}, Tensor{1.5f, -2.f}));
  CHECK(array_equal(Tensor{7, 8} + 1, Tensor{8, 9}));
  CHECK_THROWS_AS((Tensor{7, 8} * 0.5), TypeError);
}

TEST_CASE("arithmetic broadcasts by NumPy's rule, forward and backward") {
  const Tensor others[] = {Tensor(2.5), Tensor{1.0, 2.0, -3.0}, Tensor{{0.5}, {-4.0}},
                           Tensor{{{1.0}, {2.0}}, {{3.0}, {-1.5}}}};
  for (Binary op : all)
    for (const Tensor& b : others) {
      auto forwards = check_gradients([&](const std::vector<Tensor>& x) { return op(x[0], x[1]); }, {a, b});
      CHECK_MESSAGE(forwards, forwards.to_string());
      auto backwards = check_gradients([&](const std::vector<Tensor>& x) { return op(x[1], x[0]); }, {a, b});
      CHECK_MESSAGE(backwards, backwards.to_string());
    }
  CHECK(array_equal(a + Tensor{{10.0}, {20.0}}, Tensor{{11.5, 8.0, 10.25}, {23.0, 20.5, 18.75}}));
  CHECK((a + others[3]).shape() == Shape{2, 2, 3});
}

TEST_CASE("arithmetic refuses shapes and dtypes that do not fit") {
  CHECK_THROWS_WITH_AS(a + Tensor({1.0, 2.0}), "add: shapes (2, 3) and (2,) cannot be broadcast together", ValueError);
  CHECK_THROWS_WITH_AS(a * Tensor{1.f}, "multiply: all inputs must have one dtype, got float64 and float32", TypeError);
  CHECK_THROWS_AS(Tensor{1} / Tensor{2}, TypeError);
  CHECK_THROWS_AS(a + Tensor(), ValueError);
}

TEST_CASE("transposes permute axes, and their gradients permute them back") {
  Tensor x{{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}};
  CHECK(array_equal(transpose(a), Tensor{{1.5, 3.0}, {-2.0, 0.5}, {0.25, -1.25}}));
  CHECK(array_equal(transpose(x, {1, 2, 0}), Tensor{{{1.0}, {2.0}, {3.0}}, {{4.0}, {5.0}, {6.0}}}));
  auto check = check_gradients([](const std::vector<Tensor>& in) { return transpose(in[0], {2, 0, -2}); }, {x});
  CHECK_MESSAGE(check, check.to_string());
  CHECK_THROWS_AS(transpose(x, {0, 1}), ValueError);
  CHECK_THROWS_AS(transpose(x, {0, 1, 1}), ValueError);
  CHECK_THROWS_AS(transpose(x, {0, 1, 3}), ValueError);
}

TEST_CASE("broadcast_to and sum_to are each other's gradients") {
  Tensor column{{1.0}, {2.0}};
  CHECK(array_equal(broadcast_to(column, {2, 3}), Tensor{{1.0, 1.0, 1.0}, {2.0, 2.0, 2.0}}));
  CHECK(array_equal(sum_to(a, {2, 1}), Tensor{{-0.25}, {2.25}}));
  CHECK(array_equal(sum_to(a, {3}), Tensor{4.5, -1.5, -1.0}));
  CHECK(array_equal(sum_to(a, {}), Tensor(2.0)));
  auto spread = check_gradients([](const std::vector<Tensor>& x) { return broadcast_to(x[0], {4, 2, 3}); }, {column});
  CHECK_MESSAGE(spread, spread.to_string());
  auto summed = check_gradients([](const std::vector<Tensor>& x) { return sum_to(x[0], {2, 1}); }, {a});
  CHECK_MESSAGE(summed, summed.to_string());
  CHECK_THROWS_AS(broadcast_to(a, {2, 4}), ValueError);
  CHECK_THROWS_AS(sum_to(a, {4}), ValueError);
}
