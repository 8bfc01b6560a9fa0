#include "unroll/autograd/ops/convolution.hpp"

#include <doctest/doctest.h>

#include "support/random_tensors.hpp"
#include "unroll/autograd/check_gradients.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Element by element, from the definition, for two spatial dimensions.
Tensor reference(const Tensor& x, const Tensor& filters) {
  Index rows = x.shape(1), columns = x.shape(2), in = x.shape(3), out = filters.shape(3);
  Index top = (filters.shape(0) - 1) / 2, left = (filters.shape(1) - 1) / 2;
  Tensor y(TensorSpec{x.shape().with(3, out), float64});
  for (Index b = 0; b < x.shape(0); ++b)
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c)
        for (Index o = 0; o < out; ++o) {
          double sum = 0;
          for (Index i = 0; i < filters.shape(0); ++i)
            for (Index j = 0; j < filters.shape(1); ++j) {
              Index p = r + i - top, q = c + j - left;
              if (p < 0 || q < 0 || p >= rows || q >= columns) continue;
              for (Index k = 0; k < in; ++k) sum += x.at<double>({b, p, q, k}) * filters.at<double>({i, j, k, o});
            }
          y.set({b, r, c, o}, sum);
        }
  return y;
}

}  // namespace

TEST_CASE("a convolution agrees with its definition, for odd and even windows") {
  for (const Shape& window : {Shape{3, 3}, Shape{2, 3}, Shape{1, 4}, Shape{5, 2}}) {
    Tensor x = random_tensor({2, 3, 4, 2}, 1), filters = random_tensor(window + Shape{2, 3}, 2);
    CHECK(allclose(convolution(x, filters), reference(x, filters), 1e-13, 1e-14));
  }
}

TEST_CASE("a convolution in one dimension is one in two with a window of one row") {
  Tensor x = random_tensor({2, 5, 2}, 1), filters = random_tensor({3, 2, 4}, 2);
  Tensor y = convolution(x, filters);
  CHECK(y.shape() == Shape{2, 5, 4});
  CHECK(allclose(y,
                 reference(x.reshaped_view({2, 1, 5, 2}), filters.reshaped_view({1, 3, 2, 4})).reshaped_view({2, 5, 4}),
                 1e-13, 1e-14));
}

TEST_CASE("a convolution has right gradients in one, two and three dimensions") {
  const std::pair<Shape, Shape> shapes[] = {
      {{2, 4, 2}, {3, 2, 2}}, {{1, 3, 3, 2}, {2, 3, 2, 2}}, {{1, 2, 2, 3, 1}, {2, 1, 3, 1, 2}}};
  for (const auto& [x, filters] : shapes) {
    auto check = check_gradients([](const std::vector<Tensor>& in) { return convolution(in[0], in[1]); },
                                 {random_tensor(x, 1), random_tensor(filters, 2)});
    CHECK_MESSAGE(check, check.to_string());
  }
}

TEST_CASE("a convolution refuses shapes and dtypes that do not fit") {
  Tensor x = random_tensor({2, 4, 2}, 1);
  CHECK_THROWS_AS(convolution(x, random_tensor({3, 3, 2}, 1)), ValueError);
  CHECK_THROWS_AS(convolution(x, random_tensor({3, 2}, 1)), ValueError);
  CHECK_THROWS_AS(convolution(random_tensor({2, 4}, 1), random_tensor({4, 2}, 1)), ValueError);
  CHECK_THROWS_AS(convolution(x, random_tensor({3, 2, 2}, 1, 1, float32)), TypeError);
}
