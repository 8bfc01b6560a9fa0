#include "unroll/autograd/ops/concat.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
const Tensor a{{1.5, -2.0}, {3.0, 0.5}}, b{{0.25, 4.0, -1.0}, {7.0, -3.5, 2.0}}, c{{-6.0, 8.0}};
const Tensor x{{{1.0, 2.0, 3.0, 4.0}, {5.0, 6.0, 7.0, 8.0}}, {{9.0, 10.0, 11.0, 12.0}, {13.0, 14.0, 15.0, 16.0}}};

void check_gradient(const std::vector<Tensor>& inputs, const std::function<Nest(const std::vector<Tensor>&)>& f) {
  auto check = check_gradients(f, inputs);
  CHECK_MESSAGE(check, check.to_string());
}
}  // namespace

TEST_CASE("concat joins along an axis") {
  Tensor wide{{1.5, -2.0, 0.25, 4.0, -1.0}, {3.0, 0.5, 7.0, -3.5, 2.0}};
  CHECK(array_equal(concat({a, b}, 1), wide));
  CHECK(array_equal(concat(a, b, -1), wide));
  CHECK(array_equal(concat({a, c}, 0), Tensor{{1.5, -2.0}, {3.0, 0.5}, {-6.0, 8.0}}));
  CHECK(
      array_equal(concat(std::vector<Tensor>{c, a, c}, -2), Tensor{{-6.0, 8.0}, {1.5, -2.0}, {3.0, 0.5}, {-6.0, 8.0}}));
  CHECK(array_equal(concat({a}, 1), a));
  CHECK(array_equal(concat(zeros({2, 0}, float64), b, 1), b));
  CHECK(concat({zeros({0, 2}), zeros({0, 3})}, 1).shape() == Shape{0, 5});
  CHECK(concat(x, x, 1).shape() == Shape{2, 4, 4});
  CHECK(array_equal(concat(x, x, 2), stack({x, x}, 2).reshaped_view({2, 2, 8})));
}

TEST_CASE("concat takes variables, and many tensors") {
  Variable w(a, "w");
  CHECK(array_equal(concat({w, b}, 1), concat(a, b, 1)));
  std::vector<Tensor> many(20, c);
  Tensor y = concat(many, 0);
  CHECK(y.shape() == Shape{20, 2});
  CHECK(array_equal(y.rows_view(19, 20), c));
}

TEST_CASE("joining and taking apart keep every dtype") {
  for (DType dtype : {bool_, int32, int64, float32, float64}) {
    Tensor p(a, dtype), q(b, dtype);
    CHECK(array_equal(concat(p, q, 1), Tensor(concat(a, b, 1), dtype)));
    CHECK(array_equal(stack({p, p}, 1), Tensor(stack({a, a}, 1), dtype)));
    CHECK(array_equal(split(q, 3, 1)[2], Tensor(split(b, 3, 1)[2], dtype)));
    CHECK(array_equal(unstack(q, 1)[2], Tensor(unstack(b, 1)[2], dtype)));
  }
}

TEST_CASE("concat refuses what does not fit") {
  CHECK_THROWS_WITH_AS(concat({a, b}, 0), "concat: input 1 has shape (2, 3), expected (2, 2) except along axis 0",
                       ValueError);
  CHECK_THROWS_AS(concat(a, x, 1), ValueError);
  CHECK_THROWS_WITH_AS(concat(a, Tensor(b, float32), 1), doctest::Contains("one dtype"), TypeError);
  CHECK_THROWS_WITH_AS(concat(std::span<const Tensor>(), 0), doctest::Contains("got none"), ValueError);
  CHECK_THROWS_WITH_AS(concat(a, b, 2), "concat: axis 2 is out of range for rank 2", IndexError);
  CHECK_THROWS_AS(concat(Tensor(1.0), Tensor(2.0), 0), IndexError);
  CHECK_THROWS_AS(concat(a, Tensor(), 1), ValueError);
  CHECK_THROWS_AS(concat(Tensor(), a, 1), ValueError);
}

TEST_CASE("split undoes concat, into equal parts, given sizes, or parts by name") {
  auto halves = split(x, 2, -1);
  REQUIRE(halves.size() == 2);
  CHECK(array_equal(halves[1], Tensor{{{3.0, 4.0}, {7.0, 8.0}}, {{11.0, 12.0}, {15.0, 16.0}}}));
  for (int axis : {0, 1, 2}) CHECK(array_equal(concat(split(x, 2, axis), axis), x));
  auto [first, second] = split<2>(b.reshaped_view({3, 2}), 1);
  CHECK(array_equal(first, Tensor{{0.25}, {-1.0}, {-3.5}}));
  CHECK(array_equal(second, Tensor{{4.0}, {7.0}, {2.0}}));

  auto parts = split(x, {1, 0, -1}, 2);
  CHECK(parts[0].shape() == Shape{2, 2, 1});
  CHECK(parts[1].shape() == Shape{2, 2, 0});
  CHECK(parts[2].shape() == Shape{2, 2, 3});
  CHECK(array_equal(concat(parts, 2), x));
  std::vector<Index> sizes{1, 1};
  CHECK(array_equal(split(x, sizes, 0)[1], x.rows_view(1, 2)));
  CHECK(split(x, 2, 0)[1].raw() == x.raw() + 8 * sizeof(double));
  CHECK(split(zeros({0, 6}), 3, 1)[2].shape() == Shape{0, 2});
  CHECK(split(zeros({0, 6}), 3, 0)[2].shape() == Shape{0, 6});
}

TEST_CASE("split refuses parts that do not come out") {
  CHECK_THROWS_WITH_AS(split(b, 2, 1), "split: axis 1 of shape (2, 3) cannot be split into 2 equal parts", ValueError);
  CHECK_THROWS_AS(split(b, 2, -3), IndexError);
  CHECK_THROWS_WITH_AS(split(b, 0, 0), doctest::Contains("number of parts is 0"), ValueError);
  CHECK_THROWS_AS(split(b, -1, 0), ValueError);
  CHECK_THROWS_WITH_AS(split(b, {1, 1}, 1), doctest::Contains("the sizes add up to 2, expected 3"), ValueError);
  CHECK_THROWS_WITH_AS(split(b, {1, 3, -1}, 1), doctest::Contains("size 1 is 3"), ValueError);
  CHECK_THROWS_AS(split(b, {-1, -1}, 1), ValueError);
  CHECK_THROWS_AS(split(b, {4, -1}, 1), ValueError);
  CHECK_THROWS_AS(split(b, {-2, 5}, 1), ValueError);
  CHECK_THROWS_AS(split(b, std::vector<Index>(), 1), ValueError);
}

TEST_CASE("stack makes a new axis and unstack removes one") {
  Tensor d = a + 10.0;
  CHECK(array_equal(stack({a, d}), Tensor{{{1.5, -2.0}, {3.0, 0.5}}, {{11.5, 8.0}, {13.0, 10.5}}}));
  CHECK(array_equal(stack({a, d}, 1), Tensor{{{1.5, -2.0}, {11.5, 8.0}}, {{3.0, 0.5}, {13.0, 10.5}}}));
  CHECK(array_equal(stack({a, d}, -1), Tensor{{{1.5, 11.5}, {-2.0, 8.0}}, {{3.0, 13.0}, {0.5, 10.5}}}));
  CHECK(array_equal(stack({Tensor(1), Tensor(2)}), Tensor{1, 2}));
  for (int axis : {0, 1, 2, -1}) CHECK(array_equal(stack(unstack(x, axis), axis), x));
  CHECK(unstack(x)[1].raw() == x.raw() + 8 * sizeof(double));
  CHECK(array_equal(unstack(b, 1)[1], Tensor{4.0, -3.5}));
  CHECK(unstack(zeros({0, 3})).empty());
  CHECK(unstack(zeros({0, 3}), 1)[2].shape() == Shape{0});

  CHECK_THROWS_WITH_AS(stack({a, b}), "stack: input 1 has shape (2, 3), expected (2, 2)", ValueError);
  CHECK_THROWS_AS(stack({a, Tensor(a, float32)}), TypeError);
  CHECK_THROWS_AS(stack(std::span<const Tensor>()), ValueError);
  CHECK_THROWS_WITH_AS(stack({a, a}, 3), "stack: axis 3 is out of range for rank 3", IndexError);
  CHECK_THROWS_AS(unstack(Tensor(1.0)), IndexError);
  CHECK_THROWS_AS(unstack(a, 2), IndexError);
}

TEST_CASE("gradients of joining are the parts") {
  check_gradient({a, b, c}, [](const std::vector<Tensor>& in) {
    return Nest::tuple({concat({in[0], in[1], in[0]}, 1), concat(in[2], in[0], 0)});
  });
  for (int axis : {0, 1, 2})
    check_gradient({a, a + 1.5}, [axis](const std::vector<Tensor>& in) { return stack({in[0], in[1], in[0]}, axis); });
}

TEST_CASE("gradients of parts are joined, parts that nothing depends on count as zero") {
  for (int axis : {0, 1, 2}) {
    check_gradient({x}, [axis](const std::vector<Tensor>& in) {
      auto parts = split(in[0], {1, 0, -1}, axis);
      return Nest::tuple({parts[2], in[0]});
    });
    check_gradient({x}, [axis](const std::vector<Tensor>& in) {
      auto parts = unstack(in[0], axis);
      return Nest::tuple({parts[1] * parts[1], in[0] * in[0]});
    });
    check_gradient({x}, [axis](const std::vector<Tensor>& in) {
      auto [first, second] = split<2>(in[0], axis);
      return first * second;
    });
  }
}

TEST_CASE("joining and taking apart are differentiable twice") {
  Tensor y{{2.0, -1.0}, {0.5, 4.0}};
  GradientTape outer;
  outer.watch(y);
  Tensor g;
  {
    GradientTape inner;
    inner.watch(y);
    auto [left, right] = split<2>(y, 1);
    auto rows = unstack(y);
    Tensor joined = concat(left * left * left, stack({rows[1]}, 1), 1);
    g = inner.gradient(Nest::tuple({joined * 2.0, right * right}), y);
  }
  CHECK(array_equal(g, Tensor{{24.0, -2.0}, {1.5 + 2.0, 8.0 + 2.0}}));
  CHECK(array_equal(outer.gradient(g, y), Tensor{{24.0, 2.0}, {6.0, 2.0}}));
}

TEST_CASE("more results and inputs than 16 bits can count are recorded") {
  constexpr Index count = 70000;
  Variable sequence(Tensor(arange(count), float32), "sequence");
  GradientTape tape;
  Tensor y = stack(unstack(sequence));
  Tensor g = tape.gradient(y * y, sequence);
  CHECK(g.at<float>({count - 1}) == 2.f * (count - 1));
}
