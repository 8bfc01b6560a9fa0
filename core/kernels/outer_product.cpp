#include "unroll/core/kernels/outer_product.hpp"

#include <algorithm>
#include <utility>

#include "unroll/core/cache_size.hpp"
#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/outer_product.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/packed_matmul-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

constexpr int most_rows = registers == 32 ? 8 : 4;  // of c, in a tile
constexpr int most_blocks = 6;
constexpr int MostBlocks(int rows) { return rows > registers / 8 ? 3 : rows > 2 ? 4 : most_blocks; }
constexpr Index chunk_runs = 64;

template <class T>
using Tile = void (*)(const OuterCall<T>&, Index m, Index block, const RowRun* runs, Index run_count, bool accumulate,
                      bool far);

/// Rows m ... m + rows of c, whose columns of a share a block; all products of the runs.
template <class D, int rows, int blocks, class T = hn::TFromD<D>>
HWY_NOINLINE void OuterTile(const OuterCall<T>& call, Index m, Index block, const RowRun* runs, Index run_count,
                            bool accumulate, bool far) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D());
  hn::Vec<D> sum[rows][blocks];
  T* const c = call.c + m * call.c_stride + block * lanes;
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) {
    HWY_UNROLL(12)
    for (int v = 0; v < blocks; ++v) {
      sum[i][v] = accumulate ? hn::LoadU(d, c + i * call.c_stride + v * lanes) : hn::Zero(d);
    }
  }
  // The next tile of c, or the one after it if they are far away.
  for (int i = 0; i < rows; ++i) {
    for (int v = 0; v < blocks; ++v) {
      const T* const ahead = c + (i + rows) * call.c_stride + v * lanes;
      if (far) {
        __builtin_prefetch(ahead + rows * call.c_stride, 0, 2);
      } else {
        __builtin_prefetch(ahead, 1);
      }
    }
  }
  for (const RowRun* run = runs; run != runs + run_count; ++run) {
    const T* a = call.a + m / lanes * call.a_stride + m % lanes + (run->a_row + run->count) * lanes;
    const T* const begin = call.b + block * call.b_stride + run->b_row * lanes;
    for (const T* b = begin + run->count * lanes; b != begin;) {
      a -= lanes;
      b -= lanes;
      if constexpr (rows >= blocks) {
        hn::Vec<D> b_row[blocks];
        HWY_UNROLL(12)
        for (int v = 0; v < blocks; ++v) b_row[v] = hn::LoadU(d, b + v * call.b_stride);
        HWY_UNROLL(12)
        for (int i = 0; i < rows; ++i) {
          const auto factor = hn::Set(d, a[i]);
          HWY_UNROLL(12)
          for (int v = 0; v < blocks; ++v) sum[i][v] = hn::MulAdd(factor, b_row[v], sum[i][v]);
        }
      } else {
        hn::Vec<D> factor[rows];
        HWY_UNROLL(12)
        for (int i = 0; i < rows; ++i) factor[i] = hn::Set(d, a[i]);
        HWY_UNROLL(12)
        for (int v = 0; v < blocks; ++v) {
          const auto b_vector = hn::LoadU(d, b + v * call.b_stride);
          HWY_UNROLL(12)
          for (int i = 0; i < rows; ++i) sum[i][v] = hn::MulAdd(factor[i], b_vector, sum[i][v]);
        }
      }
    }
  }
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) {
    HWY_UNROLL(12)
    for (int v = 0; v < blocks; ++v) hn::StoreU(sum[i][v], d, c + i * call.c_stride + v * lanes);
  }
}

template <class T>
struct Tiles {
  Tile<T> at[most_rows][most_blocks];  // [rows - 1][blocks - 1]
};

template <class D, int k>
constexpr Tile<hn::TFromD<D>> TileNumber() {
  constexpr int rows = k / most_blocks + 1, blocks = k % most_blocks + 1;
  if constexpr (blocks <= MostBlocks(rows)) {
    return &OuterTile<D, rows, blocks>;
  } else {
    return nullptr;
  }
}

template <class D, int... k>
constexpr Tiles<hn::TFromD<D>> MakeTiles(std::integer_sequence<int, k...>) {
  Tiles<hn::TFromD<D>> tiles{};
  ((tiles.at[k / most_blocks][k % most_blocks] = TileNumber<D, k>()), ...);
  return tiles;
}

/// How c is gone through, which is written once for each chunk of rows of a and b.
struct Order {
  bool far;          // c does not stay in the second-level cache
  Index chunk_rows;  // their blocks of b stay in the first-level cache, or in the second if c is far away
  Index strip;       // rows of c that meet all blocks of b before the next ones: their columns of a stay in the second
};

template <class D, class T = hn::TFromD<D>>
HWY_INLINE Order OrderOf(const OuterCall<T>& call, Index rows) {
  constexpr Index lanes = hn::MaxLanes(D()), size = sizeof(T), panel = MostBlocks(most_rows) * lanes * size;
  const Index m = call.last_m - call.first_m, cache = second_level_cache();
  Order order{m * (call.last_block - call.first_block) * lanes * size > cache / 2, 0, m};
  order.chunk_rows = std::max<Index>(1, EvenParts(rows, (order.far ? 48 << 10 : 36 << 10) / panel).largest());
  if (const Index row = order.chunk_rows * size; m * row > cache / 4) {
    order.strip = (EvenParts(m, std::max(lanes, cache / 8 / row)).largest() + lanes - 1) / lanes * lanes;
  }
  return order;
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void MultiplyChunk(const OuterCall<T>& call, const RowRun* runs, Index run_count, bool accumulate,
                              const Order& order) {
  static constexpr auto tiles = MakeTiles<D>(std::make_integer_sequence<int, most_rows * most_blocks>());
  constexpr Index lanes = hn::MaxLanes(D());
  const Index rows_of_tile = std::min<Index>(most_rows, std::min(lanes, call.last_m - call.first_m));
  const EvenParts block_parts(call.last_block - call.first_block, MostBlocks(int(rows_of_tile)));
  for (Index strip = call.first_m; strip < call.last_m; strip += order.strip) {
    const Index strip_end = std::min(call.last_m, strip + order.strip);
    for (Index part = 0; part < block_parts.parts; ++part) {
      const Index block = call.first_block + block_parts.begin(part), blocks = block_parts.size(part);
      for (Index begin = strip, end; begin < strip_end; begin = end) {
        end = std::min(strip_end, (begin / lanes + 1) * lanes);
        const EvenParts row_parts(end - begin, rows_of_tile);
        for (Index k = 0; k < row_parts.parts; ++k) {
          const Index m = begin + row_parts.begin(k);
          tiles.at[row_parts.size(k) - 1][blocks - 1](call, m, block, runs, run_count, accumulate, order.far);
        }
      }
    }
  }
}

// From the last row to the first, one product after another: the sums do not depend on how the rows of a sequence are
// divided among calls.
template <class D>
void MultiplyRows(const OuterCall<hn::TFromD<D>>& call) {
  Index all = 0;
  for (Index k = 0; k < call.run_count; ++k) all += call.runs[k].count;
  const Order order = OrderOf<D>(call, all);
  RowRun chunk[chunk_runs];
  bool accumulate = call.accumulate;
  Index left = call.run_count, done = 0;  // runs to be used, and how many rows of the last of them have been
  do {
    Index runs = 0;
    for (Index rows = 0; left > 0 && rows < order.chunk_rows && runs < chunk_runs; ++runs) {
      const RowRun& run = call.runs[left - 1];
      const Index rest = run.count - done, count = std::min(rest, order.chunk_rows - rows);
      chunk[runs] = {run.a_row + rest - count, run.b_row + rest - count, count};
      rows += count;
      done += count;
      if (done == run.count) {
        --left;
        done = 0;
      }
    }
    MultiplyChunk<D>(call, chunk, runs, accumulate, order);
    accumulate = true;
  } while (left > 0);
}

/// Columns of `blocks` blocks of b, or of the elements of a times those of b.
template <class D, int blocks, bool products, class T = hn::TFromD<D>>
HWY_INLINE void SumBlocks(const OuterCall<T>& call, Index block) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D());
  T* const c = call.c + block * lanes;
  hn::Vec<D> sum[blocks];
  HWY_UNROLL(12)
  for (int v = 0; v < blocks; ++v) sum[v] = call.accumulate ? hn::LoadU(d, c + v * lanes) : hn::Zero(d);
  for (Index r = call.run_count; r-- > 0;) {
    const RowRun& run = call.runs[r];
    const T* b = call.b + block * call.b_stride + run.b_row * lanes;
    const T* a = products ? call.a + block * call.a_stride + run.a_row * lanes : nullptr;
    for (Index k = run.count * lanes; (k -= lanes) >= 0;) {
      HWY_UNROLL(12)
      for (int v = 0; v < blocks; ++v) {
        const auto x = hn::LoadU(d, b + v * call.b_stride + k);
        if constexpr (products) {
          sum[v] = hn::MulAdd(hn::LoadU(d, a + v * call.a_stride + k), x, sum[v]);
        } else {
          sum[v] = hn::Add(sum[v], x);
        }
      }
    }
  }
  HWY_UNROLL(12)
  for (int v = 0; v < blocks; ++v) hn::StoreU(sum[v], d, c + v * lanes);
}

template <class D, bool products>
void SumRows(const OuterCall<hn::TFromD<D>>& call) {
  Index block = call.first_block;
  for (; block + 8 <= call.last_block; block += 8) SumBlocks<D, 8, products>(call, block);
  for (; block + 3 <= call.last_block; block += 3) SumBlocks<D, 3, products>(call, block);
  for (; block < call.last_block; ++block) SumBlocks<D, 1, products>(call, block);
}

template <class T>
void SetKernels(MatmulKernels<T>& kernels) {
  WithLanes<T>(kernels.lanes, [&](auto d) {
    kernels.multiply_rows = &MultiplyRows<decltype(d)>;
    kernels.sum_rows = &SumRows<decltype(d), false>;
    kernels.sum_row_products = &SumRows<decltype(d), true>;
  });
}

void SetKernels_float(MatmulKernels<float>& kernels) { SetKernels(kernels); }
void SetKernels_double(MatmulKernels<double>& kernels) { SetKernels(kernels); }

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

#define UNROLL_OUTER_PRODUCT_DISPATCH(T) \
  HWY_EXPORT(SetKernels_##T);            \
  void set_outer_product_kernels(MatmulKernels<T>& kernels) { HWY_DYNAMIC_DISPATCH(SetKernels_##T)(kernels); }

UNROLL_OUTER_PRODUCT_DISPATCH(float)
UNROLL_OUTER_PRODUCT_DISPATCH(double)

}  // namespace unroll::kernels
#endif
