#include "unroll/autograd/ops/matmul.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

Shape swapped(const Shape& s, bool swap) { return swap ? s.slice(0, s.rank() - 2) + Shape{s[-1], s[-2]} : s; }

// The batch shapes of a and b.
const std::pair<Shape, Shape> batches[] = {{{}, {}},      {{2}, {}},     {{}, {2}},          {{2}, {2}},
                                           {{3, 1}, {2}}, {{1, 1}, {2}}, {{2, 1, 2}, {3, 1}}};

}  // namespace

TEST_CASE("matmul multiplies matrices, transposed or not") {
  Tensor a{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}}, b{{1.f, 0.f}, {-1.f, 2.f}, {0.5f, 1.f}};
  Tensor product{{0.5f, 7.f}, {2.f, 16.f}};
  CHECK(array_equal(matmul(a, b), product));
  CHECK(array_equal(matmul(transpose(a), b, {.transpose_a = true}), product));
  CHECK(array_equal(matmul(a, transpose(b), {.transpose_b = true}), product));
  CHECK(array_equal(matmul(transpose(a), transpose(b), {.transpose_a = true, .transpose_b = true}), product));
  CHECK(array_equal(matmul(Tensor{{1, 2}, {3, 4}}, Tensor{{5, 6}, {7, -8}}), Tensor{{19, -10}, {43, -14}}));
  CHECK(array_equal(matmul(Tensor{{1 << 30, 1}}, Tensor{{4}, {3}}), Tensor{{3}}));
}

TEST_CASE("the batches of matmul broadcast") {
  for (auto& batch : batches)
    for (int flags = 0; flags < 4; ++flags)
      for (DType dtype : {float64, float32, int32}) {
        const auto &of_a = batch.first, &of_b = batch.second;
        bool ta = flags & 1, tb = flags & 2;
        Tensor a = numbers(of_a + Shape{2, 3}, 1, dtype), b = numbers(of_b + Shape{3, 4}, 2, dtype);
        Shape all = broadcast("test", of_a, of_b);
        Tensor every_a = broadcast_to(a, all + Shape{2, 3}).reshaped_view({all.size(), 2, 3});
        Tensor every_b = broadcast_to(b, all + Shape{3, 4}).reshaped_view({all.size(), 3, 4});
        auto last_two = [](const Tensor& x, bool swap) {
          std::vector<int> axes;
          for (int k = 0; k < x.rank(); ++k) axes.push_back(k);
          if (swap) std::swap(axes[axes.size() - 2], axes.back());
          return transpose(x, axes);
        };
        Tensor y = matmul(last_two(a, ta), last_two(b, tb), {ta, tb});
        REQUIRE(y.shape() == all + Shape{2, 4});
        Tensor results = y.reshaped_view({all.size(), 2, 4});
        for (Index i = 0; i < all.size(); ++i) {
          Tensor one = matmul(every_a.rows_view(i, i + 1).reshaped_view({2, 3}),
                              every_b.rows_view(i, i + 1).reshaped_view({3, 4}));
          CHECK(difference(results.rows_view(i, i + 1).reshaped_view({2, 4}), one) < 1e-6);
        }
      }
}

TEST_CASE("matmul has the right gradients for every batch and transpose") {
  for (auto& batch : batches)
    for (int flags = 0; flags < 4; ++flags) {
      const auto &of_a = batch.first, &of_b = batch.second;
      bool ta = flags & 1, tb = flags & 2;
      Tensor a = numbers(of_a + swapped({2, 3}, ta), 1), b = numbers(of_b + swapped({3, 4}, tb), 2);
      auto check = check_gradients([&](const std::vector<Tensor>& x) { return matmul(x[0], x[1], {ta, tb}); }, {a, b});
      CHECK_MESSAGE(check, to_string(of_a), to_string(of_b), flags, check.to_string());
    }
}

TEST_CASE("a weight that is used several times gathers its gradient in place, and bits do not depend on the way") {
  for (int flags = 0; flags < 4; ++flags) {
    bool ta = flags & 1, tb = flags & 2;
    Variable w(numbers(swapped({3, 4}, tb), 2)), b(numbers({4}, 5));
    const Tensor x = numbers(swapped({2, 3}, ta), 1), more = numbers(Shape{2} + swapped({2, 3}, ta), 3);
    auto check = check_gradients(
        [&]() -> Nest {
          Tensor once = bias_add(matmul(x, w, {ta, tb}), b), again = matmul(x, w, {ta, tb}) * once;
          return bias_add(matmul(more, w, {ta, tb}), b) * again;
        },
        {w, b});
    CHECK_MESSAGE(check, check.to_string());
  }
  Variable w(numbers({3, 4}, 2));
  GradientTape tape({.persistent = true});
  Tensor x = numbers({2, 3}, 1);
  tape.watch(x);
  Tensor h = matmul(x, w) + matmul(x, w), weights = numbers({2, 4}, 4);
  Tensor g = tape.gradient(h, x, {.output_gradients = weights});
  CHECK(difference(g, matmul(weights + weights, transpose(w))) < 1e-14);
}

TEST_CASE("second derivatives of matmul") {
  for (auto& batch : batches) {
    const auto &of_a = batch.first, &of_b = batch.second;
    Tensor a = numbers(of_a + Shape{2, 3}, 1), b = numbers(of_b + Shape{4, 3}, 2);
    auto check = check_gradients(
        [&](const std::vector<Tensor>& x) {
          GradientTape tape;
          tape.watch(Nest::tuple({x[0], x[1]}));
          Tensor y = matmul(x[0], x[1], {.transpose_b = true});
          return tape.gradient(y * y * y, Nest::tuple({x[0], x[1]}));
        },
        {a, b});
    CHECK_MESSAGE(check, check.to_string());
  }
}

TEST_CASE("matmul of empty matrices") {
  CHECK(array_equal(matmul(zeros({2, 0}), zeros({0, 3})), zeros({2, 3})));
  CHECK(matmul(zeros({0, 4}), zeros({4, 3})).shape() == Shape{0, 3});
  CHECK(array_equal(matmul(zeros({5, 2, 0}), zeros({0, 3})), zeros({5, 2, 3})));
  CHECK(matmul(zeros({0, 2, 4}), zeros({4, 3})).shape() == Shape{0, 2, 3});
  GradientTape tape;
  Tensor a = zeros({0, 2, 4}), b = ones({4, 3});
  tape.watch(a);
  tape.watch(b);
  auto g = tape.gradient(matmul(a, b), std::vector{a, b});
  CHECK(g[0].shape() == a.shape());
  CHECK(array_equal(g[1], zeros({4, 3})));
}

TEST_CASE("matmul says what does not fit") {
  CHECK_THROWS_WITH_AS(matmul(zeros({4, 7}), zeros({8, 3})),
                       "matmul: a has shape (4, 7), b has shape (8, 3); the inner dimensions differ: 7 and 8",
                       ValueError);
  CHECK_THROWS_WITH_AS(
      matmul(zeros({4, 7}), zeros({7, 3}), {.transpose_b = true}),
      "matmul: a has shape (4, 7), b has shape (7, 3) (transposed); the inner dimensions differ: 7 and 3", ValueError);
  CHECK_THROWS_AS(matmul(zeros({7}), zeros({7, 3})), ValueError);
  CHECK_THROWS_AS(matmul(zeros({2, 7}), zeros({7})), ValueError);
  CHECK_THROWS_WITH_AS(matmul(zeros({2, 4, 7}), zeros({3, 7, 3})),
                       "matmul: shapes (2,) and (3,) cannot be broadcast together", ValueError);
  CHECK_THROWS_AS(matmul(zeros({2, 2}), zeros({2, 2}, float64)), TypeError);
  CHECK_THROWS_AS(matmul(zeros({2, 2}, bool_), zeros({2, 2}, bool_)), TypeError);
  CHECK_THROWS_AS(matmul(Tensor(), zeros({2, 2})), ValueError);
  CHECK_THROWS_AS(matmul(zeros({0, Index{1} << 32}), zeros({Index{1} << 32, 0})), ResourceExhaustedError);
}

TEST_CASE("bias_add adds a vector along the last axis") {
  Tensor x = numbers({2, 3, 4}, 1), bias = numbers({4}, 2);
  CHECK(array_equal(bias_add(x, bias), x + bias));
  CHECK(array_equal(bias_add(Tensor{{1, 2}}, Tensor{10, 20}), Tensor{{11, 22}}));
  auto check = check_gradients(
      [](const std::vector<Tensor>& in) {
        Tensor y = bias_add(in[0], in[1]);
        return bias_add(y * y, in[1]);
      },
      {x, bias});
  CHECK_MESSAGE(check, check.to_string());
  CHECK(bias_add(zeros({3, 0}), zeros({0})).shape() == Shape{3, 0});
  CHECK_THROWS_WITH_AS(
      bias_add(zeros({2, 3}), zeros({4})),
      "bias_add: x has shape (2, 3), bias has shape (4,); expected (..., n) of rank 2 or more and (n,)", ValueError);
  CHECK_THROWS_AS(bias_add(zeros({3}), zeros({3})), ValueError);
  CHECK_THROWS_AS(bias_add(zeros({2, 3}), zeros({1, 3})), ValueError);
  CHECK_THROWS_AS(bias_add(zeros({2, 3}), zeros({3}, float64)), TypeError);
}
