// A blocked matrix for tests; its padding is NaN.
#pragma once

#include "core/kernels/support.hpp"
#include "unroll/core/kernels/blocked.hpp"

namespace kernel_tests {

template <class T>
struct BlockedMatrix {
  Index rows, columns, lanes, blocks, block_stride;
  std::vector<T> data;

  BlockedMatrix(Index rows, Index columns, Index lanes)
      : rows(rows),
        columns(columns),
        lanes(lanes),
        blocks((columns + lanes - 1) / lanes),
        block_stride((rows + rows % 2 + 1) * lanes),
        data(size_t(blocks * block_stride), std::numeric_limits<T>::quiet_NaN()) {}

  /// Numbers of both signs, around 1.
  BlockedMatrix& fill(int seed) {
    for (Index r = 0; r < rows; ++r) {
      for (Index c = 0; c < columns; ++c) at(r, c) = T(std::sin(double(r * 31 + c * 7 + seed) * 1.3) + 0.1);
    }
    return *this;
  }

  Index offset(Index row, Index column) const { return column / lanes * block_stride + row * lanes + column % lanes; }
  T& at(Index row, Index column) { return data[size_t(offset(row, column))]; }
  const T& at(Index row, Index column) const { return data[size_t(offset(row, column))]; }
};

/// body(lanes) for every instruction set and every number of lanes that blocks may have with it.
template <class T, class Body>
void for_each_lanes(Body body) {
  for_each_target([&] {
    for (int lanes : unroll::kernels::block_lanes<T>()) {
      INFO("lanes ", lanes);
      body(lanes);
    }
  });
}

}  // namespace kernel_tests
