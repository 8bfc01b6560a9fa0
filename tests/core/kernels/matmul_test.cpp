#include "unroll/core/kernels/matmul.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "unroll/core/kernels/blas.hpp"

using namespace unroll::kernels;

namespace {

template <class T>
std::vector<T> numbers(Index n, int seed) {
  std::vector<T> x(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i)
    x[static_cast<std::size_t>(i)] = static_cast<T>(std::sin(static_cast<double>(i * 7 + seed) * 1.3) + 0.1 * seed);
  return x;
}

template <class T>
void check_product(bool ta, bool tb, Index m, Index n, Index k, T beta) {
  auto a = numbers<T>(m * k, 1), b = numbers<T>(k * n, 2), before = numbers<T>(m * n, 3), c = before;
  matmul(ta, tb, m, n, k, a.data(), b.data(), beta, c.data());
  double worst = 0;
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < n; ++j) {
      auto at = static_cast<std::size_t>(i * n + j);
      double sum = double(beta) * double(before[at]);
      for (Index l = 0; l < k; ++l)
        sum += double(a[static_cast<std::size_t>(ta ? l * m + i : i * k + l)]) *
               double(b[static_cast<std::size_t>(tb ? j * k + l : l * n + j)]);
      worst = std::max(worst, std::abs(double(c[at]) - sum));
    }
  CHECK_MESSAGE(worst <= 4 * double(k + 1) * double(std::numeric_limits<T>::epsilon()), ta, tb, ' ', m, ' ', n, ' ', k,
                ' ', beta);
}

}  // namespace

TEST_CASE_TEMPLATE("matmul is the sum of products, for every transpose, size and beta", T, float, double) {
  const std::array<Index, 3> sizes[] = {{1, 1, 1},  {3, 5, 7},     {16, 33, 4}, {1, 40, 9},
                                        {40, 1, 9}, {65, 70, 130}, {4, 6, 0}};
  for (auto [m, n, k] : sizes)
    for (int flags = 0; flags < 4; ++flags)
      for (T beta : {T(0), T(1), T(-0.5)}) check_product<T>(flags & 1, flags & 2, m, n, k, beta);
}

TEST_CASE("matmul does not read c when beta is 0, and leaves an empty c alone") {
  for (Index k : {0, 3, 200}) {
    auto a = numbers<float>(2 * k, 1), b = numbers<float>(k * 2, 2);
    std::vector<float> c(4, std::nanf(""));
    matmul(false, false, 2, 2, k, a.data(), b.data(), 0.f, c.data());
    for (float x : c) CHECK(std::isfinite(x));
  }
  matmul(false, false, 0, 3, 2, nullptr, numbers<float>(6, 1).data(), 1.f, static_cast<float*>(nullptr));
}

TEST_CASE_TEMPLATE("matmul_batch steps through its matrices, or uses one every time", T, float, double) {
  constexpr Index m = 2, n = 3, k = 4, count = 3;
  auto a = numbers<T>(count * m * k, 1), b = numbers<T>(k * n, 2);
  std::vector<T> apart(count * m * n), one(m * n), sum(m * n), total(m * n);
  matmul_batch(false, false, m, n, k, a.data(), m * k, b.data(), 0, T(0), apart.data(), m * n, count);
  matmul_batch(false, false, m, n, k, a.data(), m * k, b.data(), 0, T(1), sum.data(), 0, count);
  for (Index i = 0; i < count; ++i) {
    matmul(false, false, m, n, k, a.data() + i * m * k, b.data(), T(0), one.data());
    for (Index j = 0; j < m * n; ++j) {
      CHECK(apart[static_cast<std::size_t>(i * m * n + j)] == one[static_cast<std::size_t>(j)]);
      total[static_cast<std::size_t>(j)] += one[static_cast<std::size_t>(j)];
    }
  }
  for (std::size_t j = 0; j < total.size(); ++j) CHECK(sum[j] == doctest::Approx(total[j]).epsilon(1e-6));
}

TEST_CASE("a product has the same bits on every thread") {
  constexpr Index n = 150;
  auto a = numbers<float>(n * n, 1), b = numbers<float>(n * n, 2);
  auto product = [&] {
    std::vector<float> c(n * n);
    matmul(false, true, n, n, n, a.data(), b.data(), 0.f, c.data());
    return c;
  };
  const auto expected = product();
  std::vector<std::vector<float>> results(3);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = product(); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) CHECK(result == expected);
}

TEST_CASE("OpenBLAS says which kernels it runs") { CHECK_FALSE(blas_core_type().empty()); }
