#include "unroll/autograd/ops/reverse.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
const Tensor x{{1.5, -2.0, 0.25, 4.0}, {3.0, 0.5, -1.25, 7.0}, {-6.0, 8.0, 9.0, 10.0}};
}

TEST_CASE("reverse turns axes round") {
  CHECK(array_equal(reverse(x, {0}), Tensor{{-6.0, 8.0, 9.0, 10.0}, {3.0, 0.5, -1.25, 7.0}, {1.5, -2.0, 0.25, 4.0}}));
  CHECK(array_equal(reverse(x, {-1}), Tensor{{4.0, 0.25, -2.0, 1.5}, {7.0, -1.25, 0.5, 3.0}, {10.0, 9.0, 8.0, -6.0}}));
  CHECK(array_equal(reverse(reverse(x, {0, 1}), {1}), reverse(x, {0})));
  CHECK(array_equal(reverse(x, {}), x));
  CHECK(reverse(zeros({0, 2}), {0, 1}).shape() == Shape{0, 2});
  for (DType dtype : {bool_, int32, int64, float32, float64})
    CHECK(array_equal(reverse(Tensor(x, dtype), {1}), Tensor(reverse(x, {1}), dtype)));
  CHECK_THROWS_AS(reverse(x, {2}), IndexError);
  CHECK_THROWS_WITH_AS(reverse(x, {1, -1}), "reverse: axis -1 is given twice", ValueError);
}

TEST_CASE("reverse_sequence turns each row round within its length") {
  Tensor expected{{0.25, -2.0, 1.5, 4.0}, {3.0, 0.5, -1.25, 7.0}, {10.0, 9.0, 8.0, -6.0}};
  for (DType type : {int32, int64}) CHECK(array_equal(reverse_sequence(x, Tensor({3, 0, 4}, type), 1), expected));
  CHECK(array_equal(reverse_sequence(transpose(x), Tensor{3, 1, 4}, 0, 1), transpose(expected)));
  for (DType dtype : {bool_, int32, int64, float32, float64})
    CHECK(array_equal(reverse_sequence(Tensor(x, dtype), Tensor{3, 0, 4}, -1, -2), Tensor(expected, dtype)));
  CHECK(reverse_sequence(zeros({2, 0, 3}), Tensor{0, 0}, 1).shape() == Shape{2, 0, 3});
  CHECK(reverse_sequence(zeros({0, 2}), zeros({0}, int32), 1).shape() == Shape{0, 2});
}

TEST_CASE("reverse_sequence works along any two axes") {
  Tensor y = Tensor(arange(2 * 3 * 4 * 5), float64).reshaped_view({2, 3, 4, 5});
  Index dims[] = {2, 3, 4, 5};
  for (int seq : {0, 1, 2, 3})
    for (int batch : {0, 1, 2, 3}) {
      if (seq == batch) continue;
      Tensor lengths = zeros({dims[batch]}, int64);
      for (Index b = 0; b < dims[batch]; ++b) lengths.set<std::int64_t>({b}, (b + 1) % (dims[seq] + 1));
      Tensor z = reverse_sequence(y, lengths, seq, batch);
      Index at[4];
      for (Index k = 0; k < y.size(); ++k) {
        Index rest = k;
        for (int axis = 3; axis >= 0; --axis) {
          at[axis] = rest % dims[axis];
          rest /= dims[axis];
        }
        Index length = lengths.at<std::int64_t>({at[batch]});
        if (at[seq] < length) at[seq] = length - 1 - at[seq];
        REQUIRE(z.data<double>()[k] == y.at<double>({at[0], at[1], at[2], at[3]}));
      }
    }
}

TEST_CASE("reverse_sequence refuses lengths as TensorFlow's kernel does") {
  CHECK_THROWS_WITH_AS(reverse_sequence(x, Tensor{3, -1, 4}, 1), doctest::Contains("seq_lens(1) < 0: it is -1"),
                       InvalidArgumentError);
  CHECK_THROWS_WITH_AS(reverse_sequence(x, Tensor{5, 0, 4}, 1), doctest::Contains("seq_lens(0) > input.dims(1)"),
                       InvalidArgumentError);
  CHECK_THROWS_WITH_AS(reverse_sequence(x, Tensor{1.f, 1.f, 1.f}, 1), doctest::Contains("seq_lengths are float32"),
                       TypeError);
  CHECK_THROWS_WITH_AS(reverse_sequence(x, Tensor{1, 1}, 1), doctest::Contains("expected (3,)"), ValueError);
  CHECK_THROWS_AS(reverse_sequence(x, Tensor{{1, 1, 1}}, 1), ValueError);
  CHECK_THROWS_AS(reverse_sequence(x, Tensor{1, 1, 1}, -2), ValueError);
  CHECK_THROWS_AS(reverse_sequence(x, Tensor{1, 1, 1}, 2), IndexError);
}

TEST_CASE("gradients of reversals are reversed back") {
  auto check = check_gradients(
      [](const std::vector<Tensor>& in) {
        Tensor turned = reverse(in[0], {1}), rows = reverse_sequence(in[0], Tensor{3, 1, 2}, 1);
        return Nest::tuple({turned * in[0], rows * in[0], reverse(in[0], {0, 1})});
      },
      {x});
  CHECK_MESSAGE(check, check.to_string());
}
