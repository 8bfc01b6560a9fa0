#include "unroll/core/kernels/packed_matmul.hpp"

#include "core/kernels/matmul_call.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

template <class T>
std::vector<T> numbers(Index n, int seed) {
  std::vector<T> x;
  for (Index i = 0; i < n; ++i) x.push_back(T(std::cos(double(i * 11 + seed) * 0.7) + 0.05));
  return x;
}

/// Row-major k x n numbers and the same packed, through one orientation or the other.
template <class T>
struct Packed {
  Index k, n;
  std::vector<T> b, packed;

  Packed(int lanes, Index k, Index n, int seed, bool transposed)
      : k(k), n(n), b(numbers<T>(k * n, seed)), packed(size_t(kernels::packed_size<T>(lanes, k, n)), T(NAN)) {
    const Index blocks = (n + lanes - 1) / lanes;
    if (!transposed) {
      kernels::pack(lanes, b.data(), n, 1, k, n, 0, blocks, packed.data());
      return;
    }
    std::vector<T> columns(b.size());
    for (Index i = 0; i < k; ++i) {
      for (Index j = 0; j < n; ++j) columns[size_t(j * k + i)] = b[size_t(i * n + j)];
    }
    kernels::pack(lanes, columns.data(), 1, k, k, n, 0, blocks, packed.data());
  }
};

template <class T>
T tolerance(Index k) {
  return T(4 * (k + 1)) * std::numeric_limits<T>::epsilon();
}

}  // namespace

TEST_CASE_TEMPLATE("multiply adds up the products of all terms, with or without a bias and what is there", T, float,
                   double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    CHECK(kernel.lanes == lanes);
    for (Index rows : {1, 2, 3, 4, 5, 6, 7, 13}) {
      for (Index n : {1, 5, 16, 33, 100}) {
        for (Index k : {1, 3, 16, 21}) {
          INFO("rows ", rows, ", n ", n, ", k ", k);
          BlockedMatrix<T> a1(rows, k, lanes), a2(rows, 2, lanes), c(rows, n, lanes);
          a1.fill(1);
          a2.fill(2);
          Packed<T> b1(lanes, k, n, 3, false), b2(lanes, 2, n, 4, true);
          const std::vector<kernels::MatmulTerm<T>> terms = {{a1.data.data(), a1.block_stride, k, b1.packed.data()},
                                                             {a2.data.data(), a2.block_stride, 2, b2.packed.data()}};
          std::vector<T> bias = numbers<T>(c.blocks * lanes, 5);
          auto call = call_for(terms, c);
          call.bias = bias.data();
          kernel.multiply(call);
          call.bias = nullptr;
          call.accumulate = true;
          call.backwards = true;
          kernel.multiply(call);
          T worst = 0;
          for (Index i = 0; i < rows; ++i) {
            for (Index j = 0; j < n; ++j) {
              double sum = 0;
              for (Index l = 0; l < k; ++l) sum += double(a1.at(i, l)) * double(b1.b[size_t(l * n + j)]);
              for (Index l = 0; l < 2; ++l) sum += double(a2.at(i, l)) * double(b2.b[size_t(l * n + j)]);
              const T expected = T(2 * sum + double(bias[size_t(j)]));
              if (!(std::abs(c.at(i, j) - expected) <= worst)) worst = std::abs(c.at(i, j) - expected);
            }
          }
          CHECK(worst <= tolerance<T>(2 * k));
        }
      }
    }
  });
}

TEST_CASE_TEMPLATE("a product with one column has the same number in all lanes, whatever the padding is", T, float,
                   double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    for (Index rows : {1, 2, 7, 8, 9, 30}) {
      for (Index k : {1, 3, 16, 21, 64, 300}) {
        for (int start : {0, 1, 2}) {
          INFO("rows ", rows, ", k ", k, ", start ", start);
          BlockedMatrix<T> a1(rows, k, lanes), a2(rows, 2, lanes), c(rows, 1, lanes);
          a1.fill(1);
          a2.fill(2);
          for (Index i = 0; i < rows; ++i)
            for (Index j = 0; j < lanes; ++j) c.data[size_t(i * lanes + j)] = T(i + 0.5);
          std::vector<T> b1 = numbers<T>(k, 3), b2 = numbers<T>(2, 4), bias(size_t(lanes), T(0.25));
          b1.resize(size_t(k + lanes), T(NAN));
          b2.resize(size_t(2 + lanes), T(NAN));
          const std::vector<kernels::MatmulTerm<T>> terms = {{a1.data.data(), a1.block_stride, k, b1.data()},
                                                             {a2.data.data(), a2.block_stride, 2, b2.data()}};
          auto call = call_for(terms, c);
          call.one_column = true;
          if (start == 1) call.bias = bias.data();
          call.accumulate = start == 2;
          BlockedMatrix<T> again = c;
          kernel.multiply(call);
          call.c = again.data.data();
          kernels::PreparedMatmul<T> prepared;
          kernel.prepare(call, prepared);
          prepared.run(0, prepared.tiles.size());
          for (Index i = 0; i < rows; ++i) {
            double sum = start == 0 ? 0 : start == 1 ? 0.25 : double(i) + 0.5, size = std::abs(sum);
            auto add = [&](T a, T b) {
              sum += double(a) * double(b);
              size += std::abs(double(a) * double(b));
            };
            for (Index j = 0; j < k; ++j) add(a1.at(i, j), b1[size_t(j)]);
            for (Index j = 0; j < 2; ++j) add(a2.at(i, j), b2[size_t(j)]);
            for (Index j = 0; j < lanes; ++j) {
              const T y = c.data[size_t(i * lanes + j)];
              CHECK(std::abs(double(y) - sum) <= tolerance<T>(k) * size);
              CHECK(y == c.data[size_t(i * lanes)]);
              CHECK(again.data[size_t(i * lanes + j)] == y);
            }
          }
        }
      }
    }
  });
}

TEST_CASE_TEMPLATE("a long product with many terms is one chain of sums", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    for (Index rows : {7, 70}) {  // few, and so many that they meet a part of b before the next
      const Index k = 1301, blocks = 9, n = blocks * lanes;
      BlockedMatrix<T> a(rows, k, lanes), whole(rows, n, lanes), split(rows, n, lanes);
      a.fill(1);
      const Packed<T> b(lanes, k, n, 2, true);
      std::vector<kernels::MatmulTerm<T>> terms = {{a.data.data(), a.block_stride, k, b.packed.data()}};
      kernel.multiply(call_for(terms, whole));
      terms.clear();
      std::vector<Packed<T>> parts;
      const Index step = 4 * lanes;
      for (Index begin = 0; begin < k; begin += step) {
        parts.emplace_back(lanes, std::min(step, k - begin), n, 2, false);
        std::copy_n(b.b.begin() + begin * n, parts.back().k * n, parts.back().b.begin());
        kernels::pack(lanes, parts.back().b.data(), n, 1, parts.back().k, n, 0, blocks, parts.back().packed.data());
      }
      for (Index i = 0; i < Index(parts.size()); ++i) {
        const Packed<T>& part = parts[size_t(i)];
        terms.push_back({&a.at(0, i * step), a.block_stride, part.k, part.packed.data()});
      }
      kernel.multiply(call_for(terms, split));
      double worst = 0;
      Index different = 0;
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < n; ++j) {
          double sum = 0;
          for (Index l = 0; l < k; ++l) sum += double(a.at(i, l)) * double(b.b[size_t(l * n + j)]);
          const double error = std::abs(double(whole.at(i, j)) - sum);
          if (!(error <= worst)) worst = error;
          different += !same(whole.at(i, j), split.at(i, j));
        }
      }
      CHECK(worst <= double(tolerance<T>(k)));
      CHECK(different == 0);
    }
  });
}

TEST_CASE_TEMPLATE("a row's product has the same bits whatever rows and blocks are computed with it", T, float,
                   double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    const Index rows = 33, k = 37, n = 11 * lanes - 1;
    BlockedMatrix<T> a(rows, k, lanes), all(rows, n, lanes);
    a.fill(1);
    Packed<T> b(lanes, k, n, 2, false);
    std::vector<kernels::MatmulTerm<T>> terms = {{a.data.data(), a.block_stride, k, b.packed.data()}};
    kernel.multiply(call_for(terms, all));
    for (Index count = 1; count <= rows; ++count) {
      for (Index first : {Index(0), rows - count}) {
        BlockedMatrix<T> some(count, n, lanes);
        terms[0].a = a.data.data() + first * lanes;
        auto call = call_for(terms, some);
        call.backwards = count % 2 == 0;
        call.last_block = kernel.panel_blocks * (1 + count % 2);
        kernel.multiply(call);
        call.first_block = call.last_block;
        call.last_block = some.blocks;
        kernel.multiply(call);
        Index different = 0;
        for (Index i = 0; i < count; ++i) {
          for (Index j = 0; j < n; ++j) different += !same(some.at(i, j), all.at(first + i, j));
        }
        INFO("rows ", first, " ... ", first + count);
        CHECK(different == 0);
      }
    }
  });
}

TEST_CASE_TEMPLATE("a prepared product gives the same bits as the call it was made from, each time", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    for (Index rows : {1, 7}) {
      for (Index n : {5, 100}) {
        for (Index k : {3, 700}) {
          BlockedMatrix<T> a(rows, k, lanes), c(rows, n, lanes), expected(rows, n, lanes);
          Packed<T> b(lanes, k, n, 3, false);
          std::vector<kernels::MatmulTerm<T>> terms = {{a.data.data(), a.block_stride, k, b.packed.data()}};
          kernels::PreparedMatmul<T> prepared;
          kernel.prepare(call_for(terms, c), prepared);
          for (int seed : {1, 2}) {
            a.fill(seed);
            kernel.multiply(call_for(terms, expected));
            prepared.run(0, prepared.tiles.size());
            for (Index row = 0; row < rows; ++row) {
              for (Index j = 0; j < n; ++j) CHECK(c.at(row, j) == expected.at(row, j));
            }
          }
        }
      }
    }
  });
}

TEST_CASE_TEMPLATE("a product without terms is the bias", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    BlockedMatrix<T> c(9, 3 * lanes, lanes);
    const std::vector<T> bias = numbers<T>(3 * lanes, 1);
    auto call = call_for<T>({}, c);
    call.bias = bias.data();
    kernels::matmul_kernels<T>(lanes).multiply(call);
    for (Index j = 0; j < c.columns; ++j) CHECK(c.at(8, j) == bias[size_t(j)]);
  });
}

TEST_CASE_TEMPLATE("packing panels apart and both orientations give the same numbers", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const int panel_blocks = kernels::matmul_kernels<T>(lanes).panel_blocks;
    for (Index k : {1, 7, 24, 33}) {
      for (Index n : {1, 30, 70}) {
        INFO("k ", k, ", n ", n);
        const Packed<T> rows(lanes, k, n, 1, false), columns(lanes, k, n, 1, true);
        CHECK(rows.packed == columns.packed);
        std::vector<T> apart(rows.packed.size(), T(NAN));
        const Index blocks = (n + lanes - 1) / lanes;
        for (Index first = 0; first < blocks; first += panel_blocks) {
          kernels::pack(lanes, rows.b.data(), n, 1, k, n, first, std::min(blocks, first + panel_blocks), apart.data());
        }
        CHECK(rows.packed == apart);
      }
    }
  });
}
