// Initialisers: their values, or moments where they are random; and what the variables of cells start with.
#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "runner.hpp"
#include "support/orthogonal.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/initializers.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

namespace parity {
namespace {

using namespace unroll;

double number(const Json& arguments, const char* name, double otherwise) {
  return arguments.contains(name) ? arguments.at(name).get<double>() : otherwise;
}

template <class E>
E choice(const Json& arguments, const char* name, const std::map<std::string, E>& choices) {
  return choices.at(arguments.at(name).get<std::string>());
}

// A TensorFlow function and its arguments, as ours.
Initializer make(const std::string& function, const Json& a) {
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
  RandomNormalInitializerOptions normal{.mean = number(a, "mean", 0), .stddev = number(a, "stddev", 1), .seed = 4};
  if (name == "random_normal_initializer") return random_normal_initializer(normal);
  if (name == "truncated_normal_initializer") return truncated_normal_initializer(normal);
  if (name == "glorot_uniform_initializer") return glorot_uniform_initializer({.seed = 6});
  if (name == "glorot_normal_initializer") return glorot_normal_initializer({.seed = 7});
  if (name == "he_uniform_initializer") return he_uniform_initializer({.seed = 8});
  if (name == "he_normal_initializer") return he_normal_initializer({.seed = 9});
  if (name == "lecun_uniform_initializer") return lecun_uniform_initializer({.seed = 10});
  if (name == "lecun_normal_initializer") return lecun_normal_initializer({.seed = 11});
  if (name == "orthogonal_initializer") return orthogonal_initializer({.gain = number(a, "gain", 1), .seed = 12});
  if (name == "identity_initializer") return identity_initializer({.gain = number(a, "gain", 1)});
  if (name != "variance_scaling_initializer") throw Skip("no " + function);
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

void compare_moments(const Tensor& tensor, const Json& want, const Json& tolerance, Differences& differences) {
  Moments m = moments(tensor);
  double stddev = want.at("std"), kurtosis = want.at("kurtosis"), low = want.at("min"), high = want.at("max");
  auto close = [&](const char* what, double got, double expected, double allowed) {
    if (std::abs(got - expected) <= allowed) return;
    std::ostringstream line;
    line << "its " << what << " is " << got << ", expected " << expected << " within " << allowed;
    differences.add(line.str());
  };
  close("mean", m.mean, want.at("mean"), tolerance.at("mean"));
  close("standard deviation", m.stddev, stddev, tolerance.at("std_relative").get<double>() * stddev);
  // The shape of the distribution: 1.8 uniform, 2.37 cut at two standard deviations, 3 normal.
  close("kurtosis", m.kurtosis, kurtosis, 0.25);
  // Bounded distributions fill their range and stop where TensorFlow's do.
  double slack = kurtosis > 2.7 ? 0.5 * (high - low) : 0.02 * (high - low);
  close("minimum", m.min, low, slack);
  close("maximum", m.max, high, slack);
}

void run_initializer(const Json& test, Differences& differences) {
  auto dims = test.at("shape").get<std::vector<Index>>();
  Shape shape{std::span<const Index>(dims)};
  Tensor got = make(test.at("function").get<std::string>(), test.at("arguments"))(shape, float64);
  if (got.spec() != TensorSpec{shape, float64}) differences.add("it is not of the shape asked for");
  auto check = test.at("check").get<std::string>();
  const Json& tolerance = test.at("tolerance");
  if (check == "moments") {
    compare_moments(got, test.at("observed"), tolerance, differences);
  } else if (check == "orthogonal") {
    double error = testing::gram_error(got, test.at("observed").at("gram_diagonal"));
    if (!(error <= tolerance.at("gram").get<double>()))
      differences.add("its Gram matrix is off by " + std::to_string(error));
  } else {
    differences.compare("value", got, read_tensor(test.at("value")));
  }
}

// Names, shapes and starting values of a cell's variables, as dynamic_rnn creates them.
void run_starting_values(const Json& test, Differences& differences) {
  std::shared_ptr<RNNCell> cell = make_cell(test.at("cell"));
  dynamic_rnn(*cell, zeros({1, 1, test.at("depth").get<Index>()}), {.dtype = float32});
  std::vector<Variable> variables = cell->variables();
  if (variables.size() != test.at("variables").size()) return differences.add("the number of variables is another");
  for (std::size_t k = 0; k < variables.size(); ++k) {
    const Json& want = test.at("variables")[k];
    const Variable& v = variables[k];
    std::string name = want.at("name").get<std::string>();
    auto dims = want.at("shape").get<std::vector<Index>>();
    if (v.name() != name || v.shape() != Shape(std::span<const Index>(dims)) ||
        v.trainable() != get(want, "trainable", true))
      differences.add("variable " + std::to_string(k) + " is " + v.name() + to_string(v.shape()) + ", expected " +
                      name);
    auto values = v.value().values<float>();
    auto [low, high] = std::minmax_element(values.begin(), values.end());
    if (has(want, "constant") && (*low != want.at("constant") || *high != want.at("constant")))
      differences.add(name + " is not constant " + want.at("constant").dump());
    if (has(want, "uniform_within")) {
      double bound = want.at("uniform_within"), largest = std::max(-*low, *high);
      // Of n numbers the largest is rarely below 1 - 10 / n of the bound.
      if (largest > bound * (1 + 1e-6) || largest < bound * (1 - 10 / static_cast<double>(v.size())))
        differences.add(name + " reaches " + std::to_string(largest) + ", expected almost " + std::to_string(bound));
    }
  }
}

const std::string v1 = "tf.compat.v1.";
const RegisterRunner runners[] = {
    {v1 + "zeros_initializer", run_initializer},
    {v1 + "ones_initializer", run_initializer},
    {v1 + "constant_initializer", run_initializer},
    {v1 + "random_uniform_initializer", run_initializer},
    {v1 + "random_normal_initializer", run_initializer},
    {v1 + "truncated_normal_initializer", run_initializer},
    {v1 + "glorot_uniform_initializer", run_initializer},
    {v1 + "glorot_normal_initializer", run_initializer},
    {v1 + "variance_scaling_initializer", run_initializer},
    {v1 + "orthogonal_initializer", run_initializer},
    {v1 + "initializers.identity", run_initializer},
    {v1 + "initializers.he_uniform", run_initializer},
    {v1 + "initializers.he_normal", run_initializer},
    {v1 + "initializers.lecun_uniform", run_initializer},
    {v1 + "initializers.lecun_normal", run_initializer},
    {"variables as dynamic_rnn creates them", run_starting_values},
};

}  // namespace
}  // namespace parity
