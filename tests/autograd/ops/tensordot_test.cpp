#include "unroll/autograd/ops/tensordot.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

TEST_CASE("dot and outer multiply vectors") {
  CHECK(array_equal(dot(Tensor{1.0, 2.0, 3.0}, Tensor{4.0, -5.0, 6.0}), Tensor(12.0)));
  CHECK(array_equal(dot(Tensor{1, 2}, Tensor{3, 4}), Tensor(11)));
  CHECK(array_equal(dot(zeros({0}), zeros({0})), Tensor(0.f)));
  CHECK(array_equal(outer(Tensor{1, 2}, Tensor{3, 4, 5}), Tensor{{3, 4, 5}, {6, 8, 10}}));
  CHECK(outer(zeros({0}), zeros({3})).shape() == Shape{0, 3});
  Tensor a = numbers({3}, 1), b = numbers({3}, 2), c = numbers({4}, 3);
  auto check = check_gradients(
      [](const std::vector<Tensor>& x) {
        Tensor d = dot(x[0], x[1]);
        return Nest::tuple({d * d, outer(x[0], x[2]) * d});
      },
      {a, b, c});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("tensordot sums along pairs of axes") {
  Tensor a = numbers({2, 3, 4}, 1), b = numbers({4, 3, 5}, 2);
  CHECK(array_equal(tensordot(Tensor{{1, 2}, {3, 4}}, Tensor{{5, 6}, {7, 8}}, 1), Tensor{{19, 22}, {43, 50}}));
  CHECK(difference(tensordot(a, b, 1).reshaped_view({6, 15}),
                   matmul(a.reshaped_view({6, 4}), b.reshaped_view({4, 15}))) < 1e-15);
  CHECK(tensordot(a, b, 0).shape() == Shape{2, 3, 4, 4, 3, 5});
  Tensor pairs = tensordot(a, b, {1, 2}, {1, -3});
  REQUIRE(pairs.shape() == Shape{2, 5});
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 5; ++j) {
      double sum = 0;
      for (Index k = 0; k < 3; ++k)
        for (Index l = 0; l < 4; ++l) sum += a.at<double>({i, k, l}) * b.at<double>({l, k, j});
      CHECK(pairs.at<double>({i, j}) == doctest::Approx(sum).epsilon(1e-14));
    }
  CHECK(difference(tensordot(a, transpose(a, {2, 0, 1}), {0, 1, 2}, {1, 2, 0}), reduce_sum(a * a)) < 1e-14);
  auto check = check_gradients(
      [](const std::vector<Tensor>& x) {
        return tensordot(x[0], x[1], {2, 1}, {0, 1});
      },
      {a, b});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("products of vectors and tensors refuse what does not fit") {
  CHECK_THROWS_WITH_AS(dot(zeros({2}), zeros({3})),
                       "dot: a has shape (2,), b has shape (3,); expected two vectors of one length", ValueError);
  CHECK_THROWS_AS(dot(zeros({2, 2}), zeros({2, 2})), ValueError);
  CHECK_THROWS_AS(dot(zeros({2}), zeros({2}, float64)), TypeError);
  CHECK_THROWS_AS(dot(zeros({2}, bool_), zeros({2}, bool_)), TypeError);
  CHECK_THROWS_AS(outer(zeros({2, 1}), zeros({2})), ValueError);
  CHECK_THROWS_AS(outer(zeros({2}), zeros({2}, float64)), TypeError);
  Tensor a = zeros({2, 3}), b = zeros({4, 3});
  CHECK_THROWS_WITH_AS(tensordot(a, b, {1}, {0}),
                       "tensordot: a has shape (2, 3), b has shape (4, 3); axis 1 of a and 0 of b differ", ValueError);
  CHECK_THROWS_AS(tensordot(a, b, {1}, {}), ValueError);
  CHECK_THROWS_AS(tensordot(a, b, {2}, {0}), IndexError);
  CHECK_THROWS_AS(tensordot(a, a, {0, 0}, {0, 0}), ValueError);
  CHECK_THROWS_AS(tensordot(a, b, 3), ValueError);
  CHECK_THROWS_AS(tensordot(a, b, -1), ValueError);
}
