#include "core/kernels/blocked_matrix.hpp"
#include "unroll/core/kernels/packed_matmul.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

template <class T>
kernels::OuterCall<T> call_for(const BlockedMatrix<T>& a, const BlockedMatrix<T>& b,
                               const std::vector<kernels::RowRun>& runs, std::vector<T>& c) {
  return {.a = a.data.data(),
          .a_stride = a.block_stride,
          .first_m = 0,
          .last_m = a.columns,
          .b = b.data.data(),
          .b_stride = b.block_stride,
          .first_block = 0,
          .last_block = b.blocks,
          .runs = runs.data(),
          .run_count = Index(runs.size()),
          .c = c.data(),
          .c_stride = b.blocks * b.lanes,
          .accumulate = false};
}

const std::vector<kernels::RowRun> ragged = {{0, 2, 5}, {7, 7, 0}, {3, 9, 1}, {10, 0, 7}};
const std::vector<kernels::RowRun> long_runs = {{0, 0, 500}, {100, 1, 450}};

}  // namespace

TEST_CASE_TEMPLATE("multiply_rows adds up the outer products of pairs of rows", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    for (const auto* runs : {&ragged, &long_runs}) {
      for (Index m : {1, 2, 3, 4, 7, 17, 24}) {
        for (Index n : {1, 9, 16, 50}) {
          if (runs == &long_runs && (m > 4 || n > 16)) continue;
          INFO("m ", m, ", n ", n);
          BlockedMatrix<T> a(551, m, lanes), b(551, n, lanes);
          a.fill(1);
          b.fill(2);
          std::vector<T> c(size_t(m * b.blocks * lanes), T(77));
          auto call = call_for(a, b, *runs, c);
          kernel.multiply_rows(call);
          call.accumulate = true;
          kernel.multiply_rows(call);
          double worst = 0, scale = 1;
          for (Index i = 0; i < m; ++i) {
            for (Index j = 0; j < n; ++j) {
              double sum = 0;
              for (auto run : *runs) {
                for (Index r = 0; r < run.count; ++r) sum += double(a.at(run.a_row + r, i)) * b.at(run.b_row + r, j);
                scale += double(run.count);
              }
              const double error = std::abs(double(c[size_t(i * call.c_stride + j)]) - 2 * sum);
              if (!(error <= worst)) worst = error;
            }
          }
          CHECK(worst <= double(std::numeric_limits<T>::epsilon()) * scale * 4);
        }
      }
    }
  });
}

TEST_CASE_TEMPLATE("multiply_rows gives the same bits however the result is cut", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    const Index m = 2 * lanes + 3, n = 7 * lanes;
    BlockedMatrix<T> a(551, m, lanes), b(551, n, lanes);
    a.fill(1);
    b.fill(2);
    std::vector<T> whole(size_t(m * n)), cut(size_t(m * n), T(77));
    kernel.multiply_rows(call_for(a, b, long_runs, whole));
    auto call = call_for(a, b, long_runs, cut);
    const Index m_cuts[] = {0, 1, lanes + 1, m}, block_cuts[] = {0, 1, 3, 7};
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        call.first_m = m_cuts[i];
        call.last_m = m_cuts[i + 1];
        call.first_block = block_cuts[j];
        call.last_block = block_cuts[j + 1];
        kernel.multiply_rows(call);
      }
    }
    CHECK(first_difference(cut, whole) == -1);
  });
}

TEST_CASE_TEMPLATE("without rows, multiply_rows and sum_rows give zero or leave what is there", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    BlockedMatrix<T> a(2, 3, lanes), b(2, lanes, lanes);
    std::vector<T> c(size_t(3 * lanes), T(5));
    const std::vector<kernels::RowRun> none;
    auto call = call_for(a, b, none, c);
    call.accumulate = true;
    kernel.multiply_rows(call);
    kernel.sum_rows(call);
    CHECK(c == std::vector<T>(c.size(), T(5)));
    call.accumulate = false;
    kernel.multiply_rows(call);
    CHECK(c == std::vector<T>(c.size(), T(0)));
  });
}

TEST_CASE_TEMPLATE("sum_rows adds up the rows of the runs, with the same bits however the blocks are cut", T, float,
                   double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    const Index n = 5 * lanes - lanes / 2;
    BlockedMatrix<T> a(551, 1, lanes), b(551, n, lanes);
    b.fill(2);
    for (const auto* runs : {&ragged, &long_runs}) {
      std::vector<T> c(size_t(5 * lanes), T(3)), cut = c;
      auto call = call_for(a, b, *runs, c);
      call.accumulate = true;
      kernel.sum_rows(call);
      call.c = cut.data();
      for (Index block = 0; block < 5; ++block) {
        call.first_block = block;
        call.last_block = block + 1;
        kernel.sum_rows(call);
      }
      for (Index j = 0; j < n; ++j) {
        double sum = 3, scale = 1;
        for (auto run : *runs) {
          for (Index r = 0; r < run.count; ++r) sum += double(b.at(run.b_row + r, j));
          scale += double(run.count);
        }
        CHECK(std::abs(double(c[size_t(j)]) - sum) <= double(std::numeric_limits<T>::epsilon()) * scale);
        CHECK(same(c[size_t(j)], cut[size_t(j)]));
      }
    }
  });
}

TEST_CASE_TEMPLATE("sum_row_products adds up the products of elements", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    const Index n = 3 * lanes - lanes / 2;
    BlockedMatrix<T> a(551, n, lanes), b(551, n, lanes);
    a.fill(1);
    b.fill(2);
    for (const auto* runs : {&ragged, &long_runs}) {
      std::vector<T> c(size_t(3 * lanes), T(3));
      auto call = call_for(a, b, *runs, c);
      call.accumulate = true;
      kernel.sum_row_products(call);
      for (Index j = 0; j < n; ++j) {
        double sum = 3, scale = 1;
        for (auto run : *runs) {
          for (Index r = 0; r < run.count; ++r) sum += double(a.at(run.a_row + r, j)) * double(b.at(run.b_row + r, j));
          scale += double(run.count);
        }
        CHECK(std::abs(double(c[size_t(j)]) - sum) <= 4 * double(std::numeric_limits<T>::epsilon()) * scale);
      }
    }
  });
}
