#include "unroll/core/kernels/accumulate.hpp"

#include "core/kernels/support.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

TEST_CASE_TEMPLATE("sums and products are accumulated in place, each rounded on its own", T, float, double) {
  const T alpha = T(0.3);
  for_each_target([&] {
    for (Index n = 0; n <= 70; ++n) {
      const std::vector<T> x = mixed_values<T>(n, std::uint64_t(n + 1)), y = mixed_values<T>(n, std::uint64_t(n + 2));
      std::vector<T> sum, scaled_sum, scaled, doubled;
      for (size_t i = 0; i < x.size(); ++i) {
        const T product = alpha * x[i];
        sum.push_back(y[i] + x[i]);
        scaled_sum.push_back(y[i] + product);
        scaled.push_back(y[i] * alpha);
        doubled.push_back(y[i] + y[i]);
      }
      const auto from_y = [&](auto update) {
        return [&y, update](T* destination) {
          std::copy(y.begin(), y.end(), destination);
          update(destination);
        };
      };
      check_run(sum, from_y([&](T* d) { kernels::add_to(d, x.data(), n); }));
      check_run(doubled, from_y([&](T* d) { kernels::add_to(d, d, n); }));
      check_run(scaled_sum, from_y([&](T* d) { kernels::scale_add_to(d, alpha, x.data(), n); }));
      check_run(scaled, from_y([&](T* d) { kernels::scale(d, alpha, n); }));
      check_run(std::vector<T>(size_t(n), alpha), [&](T* d) { kernels::fill(d, alpha, n); });
    }
  });
}

TEST_CASE_TEMPLATE("rows are added one after the other, in their order", T, float, double) {
  for_each_target([&] {
    for (Index rows : {0, 1, 3, 4, 5, 11}) {
      for (Index columns : {0, 1, 5, 16, 37, 70}) {
        const std::vector<T> x = mixed_values<T>(rows * columns, std::uint64_t(rows + 100 * columns));
        const std::vector<T> start = mixed_values<T>(columns, 5);
        std::vector<T> expected = start;
        for (Index r = 0; r < rows; ++r) {
          for (Index c = 0; c < columns; ++c) expected[size_t(c)] += x[size_t(r * columns + c)];
        }
        INFO(rows, " rows");
        check_run(expected, [&](T* y) {
          std::copy(start.begin(), start.end(), y);
          kernels::add_rows_to(x.data(), rows, columns, y);
        });
      }
    }
  });
}
