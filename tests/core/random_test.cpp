#include "unroll/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "unroll/core/creation.hpp"
#include "unroll/core/philox.hpp"

using namespace unroll;

namespace {

struct Statistics {
  double mean = 0, variance = 0;
};

Statistics statistics(const Tensor& tensor) {
  Statistics s;
  auto n = static_cast<double>(tensor.size());
  for (double x : tensor.values<double>()) s.mean += x / n;
  for (double x : tensor.values<double>()) s.variance += (x - s.mean) * (x - s.mean) / n;
  return s;
}

// Kolmogorov and Smirnov's distance to a distribution function, times the square root of the count: above 2.2 with a
// probability of 1e-4 if the values are distributed so.
template <class F>
double distance(const Tensor& tensor, F&& distribution) {
  auto values = tensor.values<double>();
  std::vector<double> x(values.begin(), values.end());
  std::sort(x.begin(), x.end());
  auto n = static_cast<double>(x.size());
  double worst = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    double p = distribution(x[k]), below = static_cast<double>(k) / n;
    worst = std::max({worst, p - below, below + 1 / n - p});
  }
  return worst * std::sqrt(n);
}

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2)); }

// The correlation of x[i] and x[i + lag].
double correlation(const Tensor& tensor, Index lag) {
  Statistics s = statistics(tensor);
  auto x = tensor.values<double>();
  double sum = 0;
  for (std::size_t i = 0; i + lag < x.size(); ++i) sum += (x[i] - s.mean) * (x[i + lag] - s.mean);
  return sum / s.variance / static_cast<double>(x.size() - lag);
}

using Draw = Tensor (*)(const Shape&, const RandomOptions&, DType);
const Draw draws[] = {
    [](const Shape& shape, const RandomOptions& o, DType dtype) {
      return random_uniform(shape, {.seed = o.seed, .stream = o.stream, .offset = o.offset}, dtype);
    },
    [](const Shape& shape, const RandomOptions& o, DType dtype) {
      return random_normal(shape, {.seed = o.seed, .stream = o.stream, .offset = o.offset}, dtype);
    },
    [](const Shape& shape, const RandomOptions& o, DType dtype) {
      return truncated_normal(shape, {.seed = o.seed, .stream = o.stream, .offset = o.offset}, dtype);
    },
    [](const Shape& shape, const RandomOptions& o, DType dtype) {
      return random_integers(shape, -1000, 1000, o, is_floating(dtype) ? int64 : dtype);
    },
};

}  // namespace

TEST_CASE("Philox gives its published test vectors") {
  using Block = std::array<std::uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) == Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  CHECK(philox_block(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a value depends on seed, stream and position alone") {
  for (Draw draw : draws) {
    for (DType dtype : {float32, float64}) {
      Tensor all = draw({30}, {.seed = 7, .stream = 3}, dtype);
      CHECK(bit_equal(draw({5, 6}, {.seed = 7, .stream = 3}, dtype), all.reshaped_view({5, 6})));
      for (Index first : {1, 2, 3, 4, 17})
        for (Index count : {1, 2, 5, 8})
          CHECK(bit_equal(draw({count}, {.seed = 7, .stream = 3, .offset = static_cast<std::uint64_t>(first)}, dtype),
                          all.rows_view(first, first + count)));
      CHECK_FALSE(bit_equal(draw({30}, {.seed = 8, .stream = 3}, dtype), all));
      CHECK_FALSE(bit_equal(draw({30}, {.seed = 7, .stream = 4}, dtype), all));
      CHECK_FALSE(bit_equal(draw({30}, {.seed = 7 + (1ULL << 32), .stream = 3}, dtype), all));
      CHECK_FALSE(bit_equal(draw({30}, {.seed = 7, .stream = 3 + (1ULL << 32)}, dtype), all));
    }
    CHECK(allclose(draw({100}, {.seed = 2}, float32), draw({100}, {.seed = 2}, float64), 2e-7, 2e-7));
    CHECK(draw({0, 3}, {.seed = 2}, float32).size() == 0);
    CHECK(draw({}, {.seed = 2}, float32).rank() == 0);
  }
}

TEST_CASE("the numbers are those of earlier versions") {
  // Worked out from the definitions: words of Philox under seed 5 and stream 6, in pairs, low word first.
  auto w = philox_block(5, 6, 0);
  auto unit = [&](int k) { return std::ldexp(static_cast<double>((std::uint64_t{w[k + 1]} << 32 | w[k]) >> 11), -53); };
  CHECK(array_equal(random_uniform({2}, {.seed = 5, .stream = 6}, float64), Tensor{unit(0), unit(2)}));
  double radius = std::sqrt(-2 * std::log(1 - unit(0))), angle = 2 * 3.141592653589793 * unit(2);
  CHECK(allclose(random_normal({2}, {.mean = 1, .stddev = 3, .seed = 5, .stream = 6}, float64),
                 Tensor{1 + 3 * radius * std::cos(angle), 1 + 3 * radius * std::sin(angle)}, 1e-14, 1e-14));
  CHECK(random_integers({}, -4, 6, {.seed = 5, .stream = 6}).item<int>() == static_cast<int>(10 * unit(0)) - 4);
}

TEST_CASE("uniform numbers fill their interval evenly, without its end") {
  Tensor x = random_uniform({20000}, {.minval = -0.5, .maxval = 2, .seed = 1}, float64);
  CHECK(distance(x, [](double v) { return (v + 0.5) / 2.5; }) < 2.2);
  for (Index lag : {1, 2, 3, 4, 100}) CHECK(std::abs(correlation(x, lag)) < 4 / std::sqrt(20000.0));
  Tensor single = random_uniform({10000}, {.seed = 2});
  std::set<float> last_digits;
  for (float v : single.values<float>()) {
    CHECK((v >= 0 && v < 1));
    CHECK(v * 0x1p24f == std::floor(v * 0x1p24f));
    last_digits.insert(std::fmod(v * 0x1p24f, 2.f));
  }
  CHECK(last_digits.size() == 2);
}

TEST_CASE("maxval never comes, even where the sum rounds up to it") {
  float high = std::nextafter(1.f, 2.f);  // minval + width * u would round to it half of the time
  CHECK(array_equal(random_uniform({1000}, {.minval = 1, .maxval = high, .seed = 1}), full({1000}, 1)));
  CHECK(array_equal(random_uniform({10}, {.minval = 3, .maxval = 3, .seed = 1}), full({10}, 3)));
}

TEST_CASE("normal numbers are normal, and independent of their neighbours") {
  Tensor x = random_normal({20000}, {.mean = 2, .stddev = 0.5, .seed = 3}, float64);
  CHECK(distance(x, [](double v) { return normal_below((v - 2) / 0.5); }) < 2.2);
  for (Index lag : {1, 2, 3, 4}) CHECK(std::abs(correlation(x, lag)) < 4 / std::sqrt(20000.0));
  CHECK(array_equal(random_normal({3}, {.mean = 2, .stddev = 0, .seed = 3}), Tensor{2.f, 2.f, 2.f}));
}

TEST_CASE("truncated normal numbers stay within two standard deviations and are normal there") {
  Tensor x = truncated_normal({20000}, {.mean = -1, .stddev = 2, .seed = 4}, float64);
  double tail = normal_below(-2);
  CHECK(distance(x, [&](double v) { return (normal_below((v + 1) / 2) - tail) / (1 - 2 * tail); }) < 2.2);
  for (double v : x.values<double>()) CHECK(std::abs(v + 1) <= 4);
  CHECK(std::sqrt(statistics(x).variance) == doctest::Approx(2 * 0.87962566).epsilon(0.02));
}

TEST_CASE("integers are equally likely, and those of the whole range possible") {
  std::map<std::int64_t, int> counts;
  Tensor few = random_integers({60000}, -2, 4, {.seed = 1});
  for (auto v : few.values<std::int64_t>()) ++counts[v];
  CHECK(counts.size() == 6);
  CHECK(counts.begin()->first == -2);
  for (auto [value, count] : counts) CHECK(std::abs(count - 10000) < 5 * std::sqrt(10000 * 5 / 6.0));

  // Three quarters of 2^64: without redrawing, the lower third of the values would come twice as often as the rest.
  std::int64_t low = INT64_MIN, high = std::int64_t{1} << 62;
  int below = 0;
  Tensor many = random_integers({30000}, low, high, {.seed = 2});
  for (auto v : many.values<std::int64_t>()) {
    CHECK(v < high);
    below += v < low + (high / 2 - low / 2) / 3 * 2 ? 1 : 0;
  }
  CHECK(std::abs(below - 10000) < 5 * std::sqrt(10000 * 2 / 3.0));
  CHECK(array_equal(random_integers({50}, 5, 6, {.seed = 1}, int32), full({50}, 5, int32)));
  CHECK(random_integers({4}, INT64_MIN, INT64_MAX, {.seed = 9}).dtype() == int64);
}

TEST_CASE("each order of a permutation is equally likely") {
  std::map<std::vector<std::int64_t>, int> counts;
  for (std::uint64_t stream = 0; stream < 24000; ++stream) {
    Tensor p = random_permutation(4, {.seed = 1, .stream = stream});
    auto values = p.values<std::int64_t>();
    ++counts[{values.begin(), values.end()}];
  }
  CHECK(counts.size() == 24);
  for (const auto& [order, count] : counts) CHECK(std::abs(count - 1000) < 5 * std::sqrt(1000.0));
}

TEST_CASE("permutations hold each number once, and shuffle orders as they do") {
  Tensor p = random_permutation(1000, {.seed = 6});
  auto values = p.values<std::int64_t>();
  CHECK(std::set<std::int64_t>(values.begin(), values.end()).size() == 1000);
  CHECK(*std::max_element(values.begin(), values.end()) == 999);
  CHECK_FALSE(std::is_sorted(values.begin(), values.end()));
  std::vector<Index> indices(1000);
  for (Index k = 0; k < 1000; ++k) indices[k] = 10 * k;
  shuffle(indices, {.seed = 6});
  for (Index k = 0; k < 1000; ++k) CHECK(indices[k] == 10 * values[k]);
  CHECK(random_permutation(0, {.seed = 1}).shape() == Shape{0});
  CHECK(random_permutation(1, {.seed = 1}).item<Index>() == 0);
}

TEST_CASE("arguments that mean nothing are refused") {
  CHECK_THROWS_WITH_AS(random_uniform({2}, {.minval = 1, .maxval = 0}),
                       "random_uniform: minval is 1 and maxval is 0, expected finite, minval <= maxval", ValueError);
  CHECK_THROWS_AS(random_uniform({2}, {.minval = double{NAN}}), ValueError);
  CHECK_THROWS_AS(random_uniform({2}, {.maxval = INFINITY}), ValueError);
  CHECK_THROWS_AS(random_uniform({2}, {.minval = -1e308, .maxval = 1e308}, float64), ValueError);
  CHECK_THROWS_AS(random_uniform({2}, {.maxval = 1e300}, float32), ValueError);
  CHECK_THROWS_WITH_AS(random_uniform({2}, {}, int32), "random_uniform: expected float32 or float64, got int32",
                       TypeError);
  CHECK_THROWS_WITH_AS(random_normal({2}, {.stddev = -1}), doctest::Contains("expected finite numbers and stddev >= 0"),
                       ValueError);
  CHECK_THROWS_AS(random_normal({2}, {.mean = double{NAN}}), ValueError);
  CHECK_THROWS_AS(random_normal({2}, {}, int64), TypeError);
  CHECK_THROWS_AS(truncated_normal({2}, {.stddev = -1}), ValueError);
  CHECK_THROWS_AS(truncated_normal({2}, {}, bool_), TypeError);
  CHECK_THROWS_WITH_AS(random_integers({2}, 3, 3), "random_integers: low is 3 and high is 3, expected low < high",
                       ValueError);
  CHECK_THROWS_AS(random_integers({2}, 0, std::int64_t{1} << 40, {}, int32), ValueError);
  CHECK_NOTHROW(random_integers({2}, INT32_MIN, std::int64_t{INT32_MAX} + 1, {}, int32));
  CHECK_THROWS_AS(random_integers({2}, 0, 3, {}, float32), TypeError);
  CHECK_THROWS_AS(random_permutation(-1), ValueError);
  CHECK_THROWS_AS(random_normal({2}, {.offset = 3}), ValueError);
  CHECK_THROWS_AS(random_permutation(3, {.stream = 1}), ValueError);
  CHECK_THROWS_WITH_AS(random_uniform({2}, {.seed = 1, .offset = (std::uint64_t{1} << 48) - 1}),
                       doctest::Contains("positions are below 2^48"), ValueError);
  CHECK_THROWS_AS(random_uniform({2}, {.seed = 1, .offset = UINT64_MAX}), ValueError);
  CHECK_THROWS_AS(random_uniform({-2}), ValueError);
}
