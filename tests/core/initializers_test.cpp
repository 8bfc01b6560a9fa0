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
