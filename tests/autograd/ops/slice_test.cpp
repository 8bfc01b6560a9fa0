#include "unroll/autograd/ops/slice.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
const Tensor x{{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, {{7.0, 8.0, 9.0}, {10.0, 11.0, 12.0}}};
const Tensor line{0, 1, 2, 3, 4, 5, 6};
constexpr Index far = std::numeric_limits<Index>::max();

void check_gradient(const std::function<Nest(const std::vector<Tensor>&)>& f) {
  auto check = check_gradients(f, {x});
  CHECK_MESSAGE(check, check.to_string());
}
}  // namespace

TEST_CASE("slice_rows and row are views along axis 0") {
  CHECK(array_equal(slice_rows(line, 2, 5), Tensor{2, 3, 4}));
  CHECK(slice_rows(line, 3, 3).shape() == Shape{0});
  CHECK(slice_rows(line, 2, 5).raw() == line.raw() + 2 * sizeof(int));
  CHECK(array_equal(row(x, 1), Tensor{{7.0, 8.0, 9.0}, {10.0, 11.0, 12.0}}));
  CHECK(array_equal(row(x, -2), Tensor{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}));
  CHECK(array_equal(row(line, 6), Tensor(6)));
  CHECK(row(x, 1).raw() == x.raw() + 6 * sizeof(double));
  CHECK(slice_rows(zeros({3, 0}), 1, 3).shape() == Shape{2, 0});
}

TEST_CASE("slice_axis cuts along any axis") {
  CHECK(array_equal(slice_axis(x, 2, 1, 3), Tensor{{{2.0, 3.0}, {5.0, 6.0}}, {{8.0, 9.0}, {11.0, 12.0}}}));
  CHECK(array_equal(slice_axis(x, -2, 1, 2), Tensor{{{4.0, 5.0, 6.0}}, {{10.0, 11.0, 12.0}}}));
  CHECK(slice_axis(x, 0, 1, 2).raw() == x.raw() + 6 * sizeof(double));
  CHECK(slice_axis(x, 1, 2, 2).shape() == Shape{2, 0, 3});
}

TEST_CASE("slice takes a begin and a size for each axis, as tf.slice") {
  CHECK(array_equal(slice(x, {0, 1, 0}, {2, 1, -1}), Tensor{{{4.0, 5.0, 6.0}}, {{10.0, 11.0, 12.0}}}));
  CHECK(array_equal(slice(x, {1, 0, 1}, {-1, -1, 1}), Tensor{{{8.0}, {11.0}}}));
  CHECK(slice(x, {1, 0, 0}, {1, 2, 3}).raw() == x.raw() + 6 * sizeof(double));
  CHECK(slice(x, {2, 0, 0}, {-1, 2, 3}).shape() == Shape{0, 2, 3});
  CHECK(array_equal(slice(Tensor(3), {}, {}), Tensor(3)));
}

TEST_CASE("strided_slice follows Python's rules for begin, end and step") {
  CHECK(array_equal(strided_slice(line, {{1, 6, 2}}), Tensor{1, 3, 5}));
  CHECK(array_equal(strided_slice(line, {{-3}}), Tensor{4, 5, 6}));
  CHECK(array_equal(strided_slice(line, {{.end = -5}}), Tensor{0, 1}));
  CHECK(array_equal(strided_slice(line, {{.step = -1}}), Tensor{6, 5, 4, 3, 2, 1, 0}));
  CHECK(array_equal(strided_slice(line, {{.begin = 5, .end = 0, .step = -2}}), Tensor{5, 3, 1}));
  CHECK(array_equal(strided_slice(line, {{-100, 100}}), line));
  CHECK(array_equal(strided_slice(line, {{100, -100, -3}}), Tensor{6, 3, 0}));
  CHECK(array_equal(strided_slice(line, {{2, far, far}}), Tensor{2}));
  CHECK(array_equal(strided_slice(line, {{2, -far - 1, -far - 1}}), Tensor{2}));
  CHECK(strided_slice(line, {{4, 2}}).shape() == Shape{0});
  CHECK(strided_slice(line, {{2, 4, -1}}).shape() == Shape{0});
  CHECK(array_equal(strided_slice(x, {{}, {.step = -1}, {0, 3, 2}}),
                    Tensor{{{4.0, 6.0}, {1.0, 3.0}}, {{10.0, 12.0}, {7.0, 9.0}}}));
  CHECK(strided_slice(x, {{1, 2}}).raw() == x.raw() + 6 * sizeof(double));
  CHECK(strided_slice(zeros({0, 4}), {{.step = -1}, {1, 3}}).shape() == Shape{0, 2});
}

TEST_CASE("strided_slice with lists is tf.strided_slice") {
  CHECK(array_equal(strided_slice(line, {1}, {-1}), Tensor{1, 2, 3, 4, 5}));
  CHECK(array_equal(strided_slice(x, {1, -1}, {2, -3}, {1, -1}), Tensor{{{10.0, 11.0, 12.0}, {7.0, 8.0, 9.0}}}));
  CHECK_THROWS_WITH_AS(strided_slice(x, {1, 0}, {2}), doctest::Contains("2, 1 and 0 elements"), ValueError);
  CHECK_THROWS_AS(strided_slice(x, {1, 0, 0, 0}, {2, 1, 1, 1}), ValueError);
}

TEST_CASE("slices take every dtype") {
  for (DType dtype : {bool_, int32, int64, float32, float64}) {
    Tensor t(x, dtype);
    CHECK(array_equal(slice_axis(t, 2, 1, 2), Tensor(slice_axis(x, 2, 1, 2), dtype)));
    CHECK(array_equal(strided_slice(t, {{}, {.step = -1}}), Tensor(strided_slice(x, {{}, {.step = -1}}), dtype)));
  }
}

TEST_CASE("slices outside of the tensor are refused") {
  CHECK_THROWS_WITH_AS(slice_rows(line, 3, 8), "slice_rows: rows 3 to 8 are out of range for shape (7,)", IndexError);
  CHECK_THROWS_AS(slice_rows(line, -1, 2), IndexError);
  CHECK_THROWS_AS(slice_rows(line, 3, 2), IndexError);
  CHECK_THROWS_AS(slice_rows(Tensor(1), 0, 1), IndexError);
  CHECK_THROWS_WITH_AS(row(x, 2), "row: row 2 is out of range for shape (2, 2, 3)", IndexError);
  CHECK_THROWS_AS(row(x, -3), IndexError);
  CHECK_THROWS_AS(row(Tensor(1), 0), IndexError);
  CHECK_THROWS_WITH_AS(slice_axis(x, 2, 1, 4), doctest::Contains("1 to 4 is out of range for axis 2"), IndexError);
  CHECK_THROWS_AS(slice_axis(x, 3, 0, 1), IndexError);
  CHECK_THROWS_WITH_AS(slice(x, {0, 0, 1}, {1, 1, 3}), doctest::Contains("begin 1 and size 3"), IndexError);
  CHECK_THROWS_AS(slice(x, {0, 0, 1}, {1, 1, -2}), IndexError);
  CHECK_THROWS_AS(slice(x, {0, 0, -1}, {1, 1, 1}), IndexError);
  CHECK_THROWS_WITH_AS(slice(x, {0}, {1}), doctest::Contains("expected 3 of each"), ValueError);
  CHECK_THROWS_WITH_AS(strided_slice(line, {{0, 1, 0}}), "strided_slice: the step of axis 0 is 0", ValueError);
  CHECK_THROWS_AS(strided_slice(line, {{}, {}}), ValueError);
  CHECK_THROWS_AS(slice_rows(Tensor(), 0, 1), ValueError);
}

TEST_CASE("gradients of slices land in their places, several slices of one tensor add up") {
  check_gradient([](const std::vector<Tensor>& in) { return slice_rows(in[0], 1, 2); });
  check_gradient([](const std::vector<Tensor>& in) { return row(in[0], -1); });
  check_gradient([](const std::vector<Tensor>& in) { return slice_axis(in[0], 2, 0, 2); });
  check_gradient([](const std::vector<Tensor>& in) {
    Tensor a = strided_slice(in[0], {{}, {.step = -1}, {.step = 2}}), b = slice(in[0], {1, 0, 1}, {1, 2, 2});
    return Nest::tuple({a * a, b * slice_axis(in[0], -1, 0, 2), a});
  });
  check_gradient([](const std::vector<Tensor>& in) {
    Tensor first = row(in[0], 0), second = row(in[0], 1);
    return Nest::tuple({first * second, slice_rows(in[0], 0, 1), slice_axis(first, 1, 1, 3)});
  });
}

TEST_CASE("the gradient of a slice is itself differentiable") {
  Tensor y{{2.0, -1.0, 3.0}, {0.5, 4.0, -2.0}};
  GradientTape outer;
  outer.watch(y);
  Tensor g;
  {
    GradientTape inner;
    inner.watch(y);
    Tensor first = row(y, 0), columns = slice_axis(y, 1, 1, 3);
    g = inner.gradient(Nest::tuple({first * first * first, columns * columns, columns}), y);
  }
  CHECK(array_equal(g, Tensor{{12.0, 2 * -1.0 + 3.0 + 1, 27.0 + 6.0 + 1}, {0.0, 9.0, -3.0}}));
  CHECK(array_equal(outer.gradient(g, y), Tensor{{12.0, -6.0 + 2, 18.0 + 2}, {0.0, 2.0, 2.0}}));
}

TEST_CASE("a sequence that is taken apart row by row gets the gradient of each step in its place") {
  constexpr Index steps = 50;
  Variable sequence(Tensor(arange(2 * steps), float32).reshaped_view({steps, 2}), "sequence");
  GradientTape tape;
  std::vector<Nest> squares;
  for (Index t = 0; t < steps; t += 2) {
    Tensor s = t % 4 ? row(sequence, t) : slice_rows(sequence, t, t + 1);
    squares.push_back(s * s);
  }
  Tensor g = tape.gradient(Nest::tuple(squares), sequence);
  for (Index t = 0; t < steps; ++t) {
    CHECK(g.at<float>({t, 0}) == (t % 2 ? 0 : 4 * t));
    CHECK(g.at<float>({t, 1}) == (t % 2 ? 0 : 4 * t + 2));
  }
}
