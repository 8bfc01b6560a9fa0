#include "unroll/core/initializers.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/orthogonal.hpp"
#include "unroll/core/random.hpp"

using namespace unroll;
using testing::gram_error;

TEST_CASE("with a seed an initialiser repeats itself, without one it goes on") {
  Initializer seeded = he_normal_initializer({.seed = 5}), free = he_normal_initializer();
  CHECK(bit_equal(seeded({3, 4}), seeded({3, 4})));
  CHECK_FALSE(bit_equal(seeded({3, 4}), he_normal_initializer({.seed = 6})({3, 4})));
  set_random_seed(1);
  Tensor first = free({3, 4}), second = free({3, 4});
  CHECK_FALSE(bit_equal(first, second));
  set_random_seed(1);
  CHECK(bit_equal(free({3, 4}), first));
  Initializer copy = free;
  CHECK(bit_equal(copy({3, 4}), second));
}

TEST_CASE("float32 variables begin as float64 ones do, to float32's precision") {
  for (const Initializer& initializer :
       {random_uniform_initializer({.seed = 1}), truncated_normal_initializer({.seed = 2}),
        glorot_uniform_initializer({.seed = 3}), orthogonal_initializer({.seed = 4})})
    CHECK(allclose(initializer({6, 5}, float32), initializer({6, 5}, float64), 1e-6, 1e-6));
}

TEST_CASE("zeros, ones, constants and the identity exist in every dtype") {
  for (DType dtype : {bool_, int32, int64, float32, float64}) {
    CHECK(array_equal(zeros_initializer()({2}, dtype), Tensor({0, 0}, dtype)));
    CHECK(array_equal(ones_initializer()({2}, dtype), Tensor({1, 1}, dtype)));
    CHECK(array_equal(constant_initializer(1)({2}, dtype), Tensor({1, 1}, dtype)));
    CHECK(array_equal(identity_initializer()({2, 1}, dtype), Tensor({{1}, {0}}, dtype)));
  }
  CHECK(zeros_initializer()({2}).dtype() == float32);
}

TEST_CASE("constants fill row by row and repeat the last value") {
  Initializer values = constant_initializer(Tensor{1.0, 2.0, 3.0});
  CHECK(array_equal(values({2, 2}, float32), Tensor{{1.f, 2.f}, {3.f, 3.f}}));
  CHECK(array_equal(values({3}, int32), Tensor{1, 2, 3}));
  CHECK_THROWS_WITH_AS(values({2}), "constant_initializer: 3 values given for shape (2,) of size 2", ValueError);
  CHECK_THROWS_AS(constant_initializer(Tensor(TensorSpec{{0}, float32}))({2}), ValueError);
  CHECK_THROWS_AS(constant_initializer(Tensor())({2}), ValueError);
}

TEST_CASE("orthogonal matrices are evenly distributed") {
  // The first element's sign and the determinant's are free; a QR without its signs corrected fixes them.
  int positive = 0, rotations = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Tensor q = orthogonal_initializer({.seed = seed})({2, 2}, float64);
    const double* x = q.data<double>();
    positive += x[0] > 0 ? 1 : 0;
    rotations += x[0] * x[3] - x[1] * x[2] > 0 ? 1 : 0;
  }
  CHECK(std::abs(positive - 200) < 50);
  CHECK(std::abs(rotations - 200) < 50);
  CHECK(gram_error(orthogonal_initializer({.gain = 2, .seed = 1})({70, 130}, float64), 4) < 1e-13);
  CHECK(orthogonal_initializer({.seed = 1})({0, 3}).shape() == Shape{0, 3});
  CHECK(std::abs(orthogonal_initializer({.seed = 1})({1, 1}).item<float>()) == 1);
}

TEST_CASE("a callable is an initialiser, and must give what it is asked for") {
  Initializer twos = [](const Shape& shape, DType dtype) { return constant_initializer(2)(shape, dtype); };
  CHECK(twos.name() == "custom");
  CHECK(array_equal(twos({2}), Tensor{2.f, 2.f}));
  CHECK(glorot_uniform_initializer().name() == "glorot_uniform_initializer");
  CHECK(static_cast<bool>(twos));
  CHECK_FALSE(static_cast<bool>(Initializer()));
  CHECK_THROWS_WITH_AS(Initializer()({2}), doctest::Contains("got None"), ValueError);
  Initializer fixed = [](const Shape&, DType) { return Tensor{1.f}; };
  CHECK_THROWS_WITH_AS(fixed({2}), "custom: returned shape (1,), expected (2,)", ValueError);
  CHECK_THROWS_WITH_AS(fixed({1}, float64), "custom: returned float32, expected float64", TypeError);
  Initializer none = [](const Shape&, DType) { return Tensor(); };
  CHECK_THROWS_AS(none({1}), ValueError);
}

TEST_CASE("initialisers refuse shapes, dtypes and arguments that do not fit") {
  CHECK_THROWS_WITH_AS(orthogonal_initializer()({3}), "orthogonal_initializer: shape is (3,), expected rank 2 or more",
                       ValueError);
  CHECK_THROWS_WITH_AS(identity_initializer()({2, 2, 2}), "identity_initializer: shape is (2, 2, 2), expected rank 2",
                       ValueError);
  CHECK_THROWS_WITH_AS(variance_scaling_initializer({.scale = 0}), doctest::Contains("scale is 0"), ValueError);
  CHECK_THROWS_AS(variance_scaling_initializer({.scale = -1}), ValueError);
  CHECK_THROWS_AS(variance_scaling_initializer({.scale = double{NAN}}), ValueError);
  CHECK_THROWS_AS(glorot_uniform_initializer()({2, 2}, int32), TypeError);
  CHECK_THROWS_AS(orthogonal_initializer()({2, 2}, int32), TypeError);
  CHECK_THROWS_AS(random_normal_initializer()({2}, bool_), TypeError);
  CHECK_THROWS_AS(random_uniform_initializer({.minval = 2})({2}), ValueError);
  CHECK(glorot_uniform_initializer({.seed = 1})({}).rank() == 0);
  CHECK(he_uniform_initializer({.seed = 1})({0, 4}).size() == 0);
}
