#include "unroll/core/strided.hpp"

#include <doctest/doctest.h>

#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"

using namespace unroll;

namespace {

// The place of element `flat` of the block.
Index place(const StridedPattern& p, Index flat) {
  Index at = p.offset;
  for (int axis = p.shape.rank() - 1; axis >= 0; --axis) {
    at += (flat % p.shape[axis]) * p.strides[axis];
    flat /= p.shape[axis];
  }
  return at;
}

StridedPattern pattern(const Shape& shape, Index offset, std::initializer_list<Index> strides) {
  StridedPattern p{shape, offset, {}};
  std::copy(strides.begin(), strides.end(), p.strides.begin());
  return p;
}

// A random permutation of axes, each sliced with a step of either sign, of a tensor of `from`. Places occur once.
StridedPattern random_pattern(const Shape& from, RandomGenerator& random) {
  StridedPattern whole = contiguous_pattern(from);
  std::vector<Index> dims, strides;
  Index offset = 0;
  std::vector<Index> order(static_cast<std::size_t>(from.rank()));
  for (Index k = 0; k < from.rank(); ++k) order[k] = k;
  random.shuffle(order);
  for (Index axis : order) {
    Index step = random.integers({}, 1, 3).item<Index>(), dim = from[static_cast<int>(axis)];
    Index count = dim == 0 ? 0 : (dim - 1) / step + 1;
    bool reverse = random.integers({}, 0, 2).item<Index>() == 1;
    if (reverse && count) offset += (count - 1) * step * whole.strides[axis];
    dims.push_back(count);
    strides.push_back((reverse ? -step : step) * whole.strides[axis]);
  }
  StridedPattern p{Shape(std::span<const Index>(dims)), offset, {}};
  std::copy(strides.begin(), strides.end(), p.strides.begin());
  return p;
}

Tensor gathered(const Tensor& source, const StridedPattern& p) {
  Tensor block(TensorSpec{p.shape, source.dtype()});
  gather_strided(source, p, block);
  return block;
}

template <class T>
void compare(const Tensor& source, const StridedPattern& p) {
  CAPTURE(p.shape);
  Tensor block = gathered(source, p);
  for (Index i = 0; i < block.size(); ++i) CHECK(block.data<T>()[i] == source.data<T>()[place(p, i)]);

  Tensor target = zeros_like(source), want = zeros_like(source);
  scatter_strided(block, p, target);
  for (Index i = 0; i < block.size(); ++i) want.mutable_data<T>()[place(p, i)] = block.data<T>()[i];
  CHECK(array_equal(target, want));
}

}  // namespace

TEST_CASE("strided copies move what a loop over all indices moves") {
  RandomGenerator random(3);
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{5, 6}, Shape{40, 37}, Shape{2, 3, 4}, Shape{3, 1, 4, 2, 5},
                             Shape{2, 0, 3}, Shape{2, 1, 2, 3, 1, 2, 2, 2}})
    for (int trial = 0; trial < 20; ++trial) {
      compare<double>(random.normal(shape, 0, 1, float64), random_pattern(shape, random));
      compare<float>(random.normal(shape), random_pattern(shape, random));
      compare<std::int32_t>(random.integers(shape, -99, 99, int32), random_pattern(shape, random));
      compare<bool>(Tensor(random.integers(shape, 0, 2), bool_), random_pattern(shape, random));
    }
}

TEST_CASE("a stride of 0 repeats elements") {
  Tensor x{1, 2, 3};
  CHECK(array_equal(gathered(x, pattern({2, 3}, 0, {0, 1})), Tensor{{1, 2, 3}, {1, 2, 3}}));
  CHECK(array_equal(gathered(x, pattern({3, 2}, 0, {1, 0})), Tensor{{1, 1}, {2, 2}, {3, 3}}));
  CHECK(array_equal(gathered(x, pattern({2, 2}, 1, {0, 0})), Tensor{{2, 2}, {2, 2}}));
}

TEST_CASE("contiguous_pattern is the identity") {
  Tensor x = RandomGenerator(1).normal({2, 3, 4});
  CHECK(array_equal(gathered(x, contiguous_pattern(x.shape())), x));
}

TEST_CASE("add_strided adds to what is there, and sums where places repeat") {
  Tensor target{{1.0, 2.0}, {3.0, 4.0}};
  add_strided(Tensor{10.0, 20.0}, pattern({2}, 1, {2}), target);
  CHECK(array_equal(target, Tensor{{1.0, 12.0}, {3.0, 24.0}}));
  add_strided(Tensor{{1.0, 2.0}, {4.0, 8.0}}, pattern({2, 2}, 0, {0, 1}), target);
  CHECK(array_equal(target, Tensor{{6.0, 22.0}, {3.0, 24.0}}));
  Tensor small{1.f, 2.f};
  add_strided(Tensor{0.5f, 0.25f}, pattern({2}, 1, {-1}), small);
  CHECK(array_equal(small, Tensor{1.25f, 2.5f}));
  Tensor counts{1, 2};
  CHECK_THROWS_AS(add_strided(Tensor{1, 1}, pattern({2}, 0, {1}), counts), TypeError);
}

TEST_CASE("a strided write leaves other handles of the target alone") {
  Tensor target{1, 2, 3}, copy = target;
  scatter_strided(Tensor{9, 8}, pattern({2}, 0, {2}), target);
  CHECK(array_equal(target, Tensor{9, 2, 8}));
  CHECK(array_equal(copy, Tensor{1, 2, 3}));
}
