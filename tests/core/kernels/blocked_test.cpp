#include "core/kernels/blocked_matrix.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

TEST_CASE_TEMPLATE("blocks have the lanes of a vector, or of half of one", T, float, double) {
  for_each_target([] {
    const auto lanes = kernels::block_lanes<T>();
    REQUIRE(!lanes.empty());
    CHECK(lanes.size() <= 2);
    if (lanes.size() == 2) CHECK(lanes[1] * 2 == lanes[0]);
  });
}

TEST_CASE_TEMPLATE("a matrix goes to blocks and back, and padding becomes zero", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    for (Index columns = 1; columns <= 40; ++columns) {
      const Index rows = 7, stride = columns + 2;
      INFO("columns ", columns);
      std::vector<T> x(size_t(rows * stride), T(77)), back = x;
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < columns; ++j) x[size_t(i * stride + j)] = T(100 * i + j + 1);
      }
      BlockedMatrix<T> y(rows, columns, lanes);
      kernels::to_blocks(x.data(), stride, nullptr, rows, columns, lanes, y.data.data(), y.block_stride);
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < y.blocks * lanes; ++j) {
          if (y.at(i, j) != (j < columns ? T(100 * i + j + 1) : T(0))) FAIL("element ", i, ", ", j);
        }
      }
      kernels::from_blocks(y.data.data(), y.block_stride, rows, columns, lanes, back.data(), stride, nullptr);
      CHECK(back == x);
    }
  });
}

TEST_CASE_TEMPLATE("rows of blocks are rows of the matrix in any order", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    const Index columns = 19, rows[] = {4, 0, 2};
    std::vector<T> x(5 * columns), back(5 * columns, T(-1));
    for (size_t i = 0; i < x.size(); ++i) x[i] = T(i);
    BlockedMatrix<T> y(3, columns, lanes);
    kernels::to_blocks(x.data(), columns, rows, 3, columns, lanes, y.data.data(), y.block_stride);
    kernels::from_blocks(y.data.data(), y.block_stride, 3, columns, lanes, back.data(), columns, rows);
    for (Index i = 0; i < 5; ++i) {
      for (Index j = 0; j < columns; ++j) {
        const T expected = i % 2 == 0 ? x[size_t(i * columns + j)] : T(-1);
        if (back[size_t(i * columns + j)] != expected) FAIL("element ", i, ", ", j);
      }
    }
    CHECK(y.at(0, 0) == x[size_t(4 * columns)]);
  });
}
