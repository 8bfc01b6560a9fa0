#include "unroll/core/initializers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "support/golden.hpp"
#include "unroll/core/random.hpp"

using namespace unroll;

namespace {

using Arguments = nlohmann::json;

double number(const Arguments& arguments, const char* name, double otherwise) {
  return arguments.contains(name) ? arguments.at(name).get<double>() : otherwise;
}

template <class E>
E choice(const Arguments& arguments, const char* name, const std::map<std::string, E>& choices) {
  return choices.at(arguments.at(name).get<std::string>());
}

// A TensorFlow function and its arguments, as ours.
Initializer make(const std::string& function, const Arguments& a) {
  std::string name = function.substr(function.rfind('.') + 1);
  if (!name.ends_with("_initializer")) name += "_initializer";
  if (name == "zeros_initializer") return zeros_initializer();
  if (name == "ones_initializer") return ones_initializer();
  if (name == "constant_initializer") {
    if (a.at("value").is_array()) {
      auto values = a.at("value").get<std::vector<double>>();
      return constant_initializer(Tensor(Shape(static_cast<Index>(values.size())), values));
    }
    return constant_initializer(a.at("value").get<double>());
  }
  if (name == "random_uniform_initializer")
    return random_uniform_initializer({.minval = number(a, "minval", 0), .maxval = number(a, "maxval", 1), .seed = 3});
  NormalOptions normal{.mean = number(a, "mean", 0), .stddev = number(a, "stddev", 1)};
  if (name == "random_normal_initializer")
    return random_normal_initializer({.mean = normal.mean, .stddev = normal.stddev, .seed = 4});
  if (name == "truncated_normal_initializer")
    return truncated_normal_initializer({.mean = normal.mean, .stddev = normal.stddev, .seed = 5});
  if (name == "glorot_uniform_initializer") return glorot_uniform_initializer({.seed = 6});
  if (name == "glorot_normal_initializer") return glorot_normal_initializer({.seed = 7});
  if (name == "he_uniform_initializer") return he_uniform_initializer({.seed = 8});
  if (name == "he_normal_initializer") return he_normal_initializer({.seed = 9});
  if (name == "lecun_uniform_initializer") return lecun_uniform_initializer({.seed = 10});
  if (name == "lecun_normal_initializer") return lecun_normal_initializer({.seed = 11});
  if (name == "orthogonal_initializer") return orthogonal_initializer({.gain = number(a, "gain", 1), .seed = 12});
  if (name == "identity_initializer") return identity_initializer({.gain = number(a, "gain", 1)});
  REQUIRE(name == "variance_scaling_initializer");
  using D = VarianceScalingDistribution;
  return variance_scaling_initializer(
      {.scale = number(a, "scale", 1),
       .mode = choice<FanMode>(
           a, "mode", {{"fan_in", FanMode::fan_in}, {"fan_out", FanMode::fan_out}, {"fan_avg", FanMode::fan_avg}}),
       .distribution = choice<D>(a, "distribution",
                                 {{"truncated_normal", D::truncated_normal},
                                  {"untruncated_normal", D::untruncated_normal},
                                  {"uniform", D::uniform}}),
       .seed = 13});
}

struct Moments {
  double mean = 0, stddev = 0, kurtosis = 0, min = INFINITY, max = -INFINITY;
};

Moments moments(const Tensor& tensor) {
  Moments m;
  double n = static_cast<double>(tensor.size()), second = 0, fourth = 0;
  for (double x : tensor.values<double>()) {
    m.mean += x / n;
    m.min = std::min(m.min, x);
    m.max = std::max(m.max, x);
  }
  for (double x : tensor.values<double>()) {
    second += std::pow(x - m.mean, 2) / n;
    fourth += std::pow(x - m.mean, 4) / n;
  }
  m.stddev = std::sqrt(second);
  m.kurtosis = fourth / second / second;
  return m;
}

void compare_moments(const Tensor& tensor, const nlohmann::json& want, const nlohmann::json& tolerance) {
  Moments m = moments(tensor);
  double stddev = want.at("std"), kurtosis = want.at("kurtosis"), low = want.at("min"), high = want.at("max");
  CHECK(std::abs(m.mean - want.at("mean").get<double>()) <= tolerance.at("mean"));
  CHECK(std::abs(m.stddev / stddev - 1) <= tolerance.at("std_relative"));
  // The shape of the distribution: 1.8 uniform, 2.37 cut at two standard deviations, 3 normal.
  CHECK(std::abs(m.kurtosis - kurtosis) < 0.25);
  // Bounded distributions fill their range and stop where TensorFlow's do.
  double slack = kurtosis > 2.7 ? 0.5 * (high - low) : 0.02 * (high - low);
  CHECK(std::abs(m.min - low) < slack);
  CHECK(std::abs(m.max - high) < slack);
}

// The largest deviation of the Gram matrix of the flattened matrix (of its shorter side) from `diagonal` times one.
double gram_error(const Tensor& q, double diagonal) {
  Index width = q.shape(-1), height = q.size() / width;
  const double* x = q.data<double>();
  auto at = [&](Index i, Index k) { return width <= height ? x[i * width + k] : x[k * width + i]; };
  Index count = std::min(width, height), length = std::max(width, height);
  double worst = 0;
  for (Index k = 0; k < count; ++k)
    for (Index l = 0; l < count; ++l) {
      double sum = k == l ? -diagonal : 0;
      for (Index i = 0; i < length; ++i) sum += at(i, k) * at(i, l);
      worst = std::max(worst, std::abs(sum));
    }
  return worst;
}

}  // namespace

TEST_CASE("initialisers have the values or moments of TensorFlow's") {
  int count = 0;
  for (const auto& item : golden_cases("initializers.json")) {
    if (!item.contains("check")) continue;
    auto name = item.at("name").get<std::string>();
    CAPTURE(name);
    auto dims = item.at("shape").get<std::vector<Index>>();
    Shape shape{std::span<const Index>(dims)};
    Initializer initializer = make(item.at("function").get<std::string>(), item.at("arguments"));
    Tensor got = initializer(shape, float64);
    CHECK(got.spec() == TensorSpec{shape, float64});
    auto check = item.at("check").get<std::string>();
    const auto& tolerance = item.at("tolerance");
    if (check == "moments") {
      compare_moments(got, item.at("observed"), tolerance);
    } else if (check == "orthogonal") {
      CHECK(gram_error(got, item.at("observed").at("gram_diagonal")) <= tolerance.at("gram"));
    } else {
      REQUIRE(check == "value");
      CHECK(allclose(got, golden_tensor(item.at("value")), tolerance.at("rtol"), tolerance.at("atol")));
    }
    ++count;
  }
  CHECK(count == 45);
}

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
