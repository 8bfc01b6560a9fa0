// The kernels of the compiled executor on float, one thread: GFLOP/s of products, GB/s of packing, nanoseconds per
// element of tile operations:
//   bench_executor_kernels [step | products]
// step: only the products of single steps; products: only products.
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include "unroll/core/kernels/blocked.hpp"
#include "unroll/core/kernels/matmul.hpp"
#include "unroll/core/kernels/packed_matmul.hpp"
#include "unroll/core/kernels/tile.hpp"

namespace {

using namespace unroll::kernels;

/// Seconds of one call: the least over some batches of calls.
double time_call(const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [&](int calls) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) call();
    return std::chrono::duration<double>(Clock::now() - start).count() / calls;
  };
  const int calls = 1 + int(2e-4 / (seconds(1) + 1e-9));
  double best = 1;
  for (double spent = 0; spent < 0.2;) {
    const double once = seconds(calls);
    best = std::min(best, once);
    spent += once * calls;
  }
  return best;
}

/// Memory aligned to cache lines.
struct Buffer {
  hwy::AlignedFreeUniquePtr<float[]> p;
  explicit Buffer(Index n, float value = 0) : p(hwy::AllocateAligned<float>(size_t(n))) {
    std::fill_n(p.get(), n, value);
  }
  float* data() const { return p.get(); }
};

struct Blocked {
  Index block_stride;
  Buffer data;

  Blocked(Index rows, Index columns, int lanes)
      : block_stride((rows + 1 - rows % 2) * lanes), data((columns + lanes - 1) / lanes * block_stride, 0.5f) {}
};

void product(Index rows, Index k, Index n, int lanes, bool with_blas) {
  const MatmulKernels<float> kernels = matmul_kernels<float>(lanes);
  const Index blocks = (n + lanes - 1) / lanes;
  Blocked a(rows, k, lanes), c(rows, n, lanes);
  Buffer b(k * n, 0.01f), packed(packed_size<float>(lanes, k, n));
  pack(lanes, b.data(), n, 1, k, n, 0, blocks, packed.data());
  const MatmulTerm<float> term{a.data.data(), a.block_stride, k, packed.data()};
  bool backwards = false;
  const double seconds = time_call([&] {
    kernels.multiply(
        {&term, 1, rows, 0, blocks, c.data.data(), c.block_stride, nullptr, false, backwards = !backwards});
  });
  std::printf("product %5d x %4d x %4d, lanes %2d: %6.1f GFLOP/s", int(rows), int(k), int(n), lanes,
              2e-9 * double(rows * k * n) / seconds);
  if (with_blas) {
    Buffer x(rows * k, 0.5f), y(rows * n);
    const double blas = time_call([&] { matmul(false, false, rows, n, k, x.data(), b.data(), 0.0f, y.data()); });
    std::printf(", OpenBLAS %6.1f", 2e-9 * double(rows * k * n) / blas);
  }
  std::printf("\n");
}

void outer_product(Index m, Index n, Index rows, int lanes) {
  const MatmulKernels<float> kernels = matmul_kernels<float>(lanes);
  const Index blocks = (n + lanes - 1) / lanes;
  Blocked a(rows, m, lanes), b(rows, n, lanes);
  Buffer c(m * blocks * lanes);
  const RowRun run{0, 0, rows};
  const OuterCall<float> call{a.data.data(), a.block_stride, 0, m,        b.data.data(),  b.block_stride, 0,
                              blocks,        &run,           1, c.data(), blocks * lanes, false};
  const double seconds = time_call([&] { kernels.multiply_rows(call); });
  const double sums = time_call([&] { kernels.sum_rows(call); });
  Buffer x(rows * m, 0.5f), g(rows * n, 0.5f), y(m * n);
  const double blas = time_call([&] { matmul(true, false, m, n, rows, x.data(), g.data(), 0.0f, y.data()); });
  std::printf("outer %4d x %4d x %4d rows, lanes %2d: %6.1f GFLOP/s, OpenBLAS %6.1f; sum_rows %6.1f GB/s\n", int(m),
              int(n), int(rows), lanes, 2e-9 * double(rows * m * n) / seconds, 2e-9 * double(rows * m * n) / blas,
              4e-9 * double(rows * n) / sums);
}

void packing(Index k, Index n, int lanes) {
  Buffer b(k * n, 0.5f), packed(packed_size<float>(lanes, k, n));
  const Index blocks = (n + lanes - 1) / lanes;
  const double bytes = 8e-9 * double(k * n);
  const double rows = time_call([&] { pack(lanes, b.data(), n, 1, k, n, 0, blocks, packed.data()); });
  const double columns = time_call([&] { pack(lanes, b.data(), 1, k, k, n, 0, blocks, packed.data()); });
  const double copy = time_call([&] { std::copy_n(b.data(), k * n, packed.data()); });
  std::printf("pack %4d x %4d, lanes %2d: %5.1f GB/s, transposed %5.1f, plain copy %5.1f\n", int(k), int(n), lanes,
              bytes / rows, bytes / columns, bytes / copy);
}

void blocking(Index rows, Index columns, int lanes) {
  Buffer x(rows * columns, 0.5f);
  Blocked y(rows, columns, lanes);
  const double bytes = 8e-9 * double(rows * columns);
  const double to =
      time_call([&] { to_blocks(x.data(), columns, nullptr, rows, columns, lanes, y.data.data(), y.block_stride); });
  const double from =
      time_call([&] { from_blocks(y.data.data(), y.block_stride, rows, columns, lanes, x.data(), columns, nullptr); });
  std::printf("blocks of %4d x %4d, lanes %2d: to %5.1f GB/s (%5.2f ns a row), from %5.1f GB/s\n", int(rows),
              int(columns), lanes, bytes / to, 1e9 * to / double(rows), bytes / from);
}

void tile(TileOp op, Index rows, Index columns, int lanes, bool bias) {
  const Index blocks = (columns + lanes - 1) / lanes;
  Blocked a(rows, columns, lanes), b(rows, columns, lanes), c(rows, columns, lanes), y(rows, columns, lanes);
  for (Index i = 0; i < blocks * a.block_stride; ++i) a.data.data()[i] = float(i * 7919 % 2003 - 1000) / 400;
  TileOperand<float> registers[] = {{a.data.data(), a.block_stride, lanes},
                                    {b.data.data(), b.block_stride, lanes},
                                    {c.data.data(), c.block_stride, lanes},
                                    {y.data.data(), y.block_stride, lanes}};
  if (bias) registers[1] = {b.data.data(), lanes, 0};
  const TileInstruction<float> instruction{tile_function<float>(op, lanes), 3, {0, 1, 2}};
  const double seconds = time_call([&] { instruction.function(instruction, registers, blocks, rows, columns); });
  std::printf("%-25s %4d x %3d, lanes %2d%s: %6.3f ns\n", std::string(name(op)).c_str(), int(rows), int(columns), lanes,
              bias ? ", number per column" : "", 1e9 * seconds / double(rows * columns));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "";
  const auto all_lanes = block_lanes<float>();
  const int lanes = all_lanes.front();
  const Index steps[][2] = {{24, 16}, {64, 32}, {128, 8}, {256, 32}, {512, 32},
                            {256, 1}, {128, 1}, {64, 1},  {64, 2},   {64, 3}};
  for (int width : all_lanes) {
    for (auto [units, rows] : steps) product(rows, units, 4 * units, width, false);
  }
  if (only == "step") return 0;
  product(16, 1, 96, lanes, false);
  product(16, 8, 96, lanes, false);
  product(512, 96, 1, lanes, false);
  product(3200, 256, 1024, lanes, true);
  product(8192, 24, 96, lanes, true);
  product(3200, 1024, 256, lanes, true);
  product(512, 256, 1024, lanes, true);
  product(512, 1024, 256, lanes, true);
  product(32, 1024, 256, lanes, true);
  product(512, 512, 2048, lanes, true);
  product(512, 2048, 512, lanes, true);
  product(32, 2048, 512, lanes, true);
  product(512, 64, 512, lanes, true);
  product(512, 512, 64, lanes, true);
  outer_product(256, 1024, 3200, lanes);
  outer_product(24, 96, 8192, lanes);
  outer_product(1, 96, 8192, lanes);
  outer_product(128, 512, 512, lanes);
  outer_product(24, 96, 512, lanes);
  if (only == "products") return 0;
  for (Index units : {24, 64, 256, 512}) packing(units, 4 * units, lanes);
  for (Index columns : {1, 3, 24, 64, 512}) blocking(512, columns, lanes);
  for (int op = 0; op <= int(TileOp::row_max); ++op) tile(TileOp(op), 32, lanes, lanes, false);
  for (TileOp op : {TileOp::add, TileOp::tanh, TileOp::sigmoid, TileOp::product_sigmoid_gradient,
                    TileOp::scaled_difference, TileOp::row_sum, TileOp::row_max, TileOp::row_sum_of_squares}) {
    for (int width : all_lanes) tile(op, 16, 24, width, false);
    tile(op, 1, 256, lanes, false);
  }
  tile(TileOp::add, 32, lanes, lanes, true);
  tile(TileOp::add, 16, 24, lanes, true);
  tile(TileOp::multiply_add, 32, lanes, lanes, true);
}
