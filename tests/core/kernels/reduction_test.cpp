#include "unroll/core/kernels/reduction.hpp"

#include "core/kernels/support.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

/// The tree that reduction.hpp describes, written as plainly as possible.
template <class T>
T tree_sum(const std::vector<T>& x) {
  constexpr size_t partials = 128 / sizeof(T);
  std::vector<T> total(partials, 0);
  for (size_t begin = 0; begin < x.size(); begin += 4096) {
    std::vector<T> partial(partials, 0);
    for (size_t i = begin; i < std::min(x.size(), begin + 4096); ++i) partial[i % partials] += x[i];
    for (size_t p = 0; p < partials; ++p) total[p] += partial[p];
  }
  for (size_t half = partials / 2; half > 0; half /= 2) {
    for (size_t p = 0; p < half; ++p) total[p] += total[p + half];
  }
  return total[0];
}

/// Values whose sum depends on the order of the additions.
template <class T>
std::vector<T> ordinary_values(Index n, std::uint64_t seed) {
  std::vector<T> x = mixed_values<T>(n, seed);
  for (T& value : x) {
    if (!(std::fabs(value) < 100)) value = T(0.7);
  }
  return x;
}

std::vector<Index> lengths() {
  std::vector<Index> n = {127, 128, 129, 1000, 4095, 4096, 4097, 8200, 100003};
  for (Index i = 0; i <= 70; ++i) n.push_back(i);
  return n;
}

}  // namespace

TEST_CASE_TEMPLATE("sums follow the documented tree on every instruction set, at any alignment", T, float, double) {
  for (Index n : lengths()) {
    const std::vector<T> x = ordinary_values<T>(n, std::uint64_t(n)), y = ordinary_values<T>(n, 3);
    std::vector<T> products, squares;
    for (size_t i = 0; i < x.size(); ++i) {
      products.push_back(x[i] * y[i]);
      squares.push_back(x[i] * x[i]);
    }
    const T sum = tree_sum(x), dot = tree_sum(products), sum_of_squares = tree_sum(squares);
    INFO("n = ", n);
    for_each_target([&] {
      for (Index offset : {0, 1, 5}) {
        std::vector<T> shifted(size_t(offset), T(1e9));
        shifted.insert(shifted.end(), x.begin(), x.end());
        CHECK(same(kernels::sum(shifted.data() + offset, n), sum));
        CHECK(same(kernels::dot(shifted.data() + offset, y.data(), n), dot));
        CHECK(same(kernels::sum_of_squares(shifted.data() + offset, n), sum_of_squares));
      }
    });
  }
}

TEST_CASE_TEMPLATE("appended zeros change no bit of a sum", T, float, double) {
  std::vector<T> x = ordinary_values<T>(4111, 9);
  const T sum = kernels::sum(x.data(), Index(x.size()));
  for (size_t more : {1, 16, 100, 5000}) {
    std::vector<T> padded = x;
    padded.resize(x.size() + more, 0);
    CHECK(same(kernels::sum(padded.data(), Index(padded.size())), sum));
  }
}

TEST_CASE("a sum of a million floats is accurate to a few ulp") {
  const std::vector<float> x(1000000, 0.1f);
  CHECK(ulp_distance(kernels::sum(x.data(), 1000000), 1000000 * double(0.1f)) < 64);
}

TEST_CASE_TEMPLATE("max and min find the extreme at every place", T, float, double) {
  for_each_target([&] {
    for (Index n = 1; n <= 70; ++n) {
      for (Index at = 0; at < n; ++at) {
        std::vector<T> x(size_t(n), T(-2.5));
        x[size_t(at)] = T(-2.25);
        CHECK(kernels::max(x.data(), n) == T(-2.25));
        x[size_t(at)] = T(-2.75);
        CHECK(kernels::min(x.data(), n) == T(-2.75));
        x[size_t(at)] = std::numeric_limits<T>::quiet_NaN();
        CHECK(std::isnan(kernels::max(x.data(), n)));
        CHECK(std::isnan(kernels::min(x.data(), n)));
        std::vector<T> zeros(size_t(n), T(-0.0));
        zeros[size_t(at)] = 0;
        CHECK(same(kernels::max(zeros.data(), n), T(0)));
        if (n > 1) CHECK(same(kernels::min(zeros.data(), n), T(-0.0)));
      }
    }
  });
}

TEST_CASE_TEMPLATE("reductions of nothing give their identity; NaN and infinity go through sums", T, float, double) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> x = {1, infinity, 2, -infinity};
  for_each_target([&] {
    CHECK(same(kernels::sum(x.data(), 0), T(0)));
    CHECK(same(kernels::dot(x.data(), x.data(), 0), T(0)));
    CHECK(same(kernels::max(x.data(), 0), -infinity));
    CHECK(same(kernels::min(x.data(), 0), infinity));
    CHECK(same(kernels::sum(x.data(), 3), infinity));
    CHECK(std::isnan(kernels::sum(x.data(), 4)));
    CHECK(same(kernels::sum_of_squares(x.data(), 4), infinity));
    CHECK(same(kernels::max(x.data(), 4), infinity));
    CHECK(same(kernels::min(x.data(), 4), -infinity));
  });
}
