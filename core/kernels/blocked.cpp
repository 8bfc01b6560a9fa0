#include "unroll/core/kernels/blocked.hpp"

#include <algorithm>

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/blocked.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/packed_matmul-inl.hpp"
#include "unroll/core/kernels/part-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void ToBlocks(D d, const T* x, Index x_row_stride, const Index* row_index, Index rows, Index columns, T* y,
                         Index y_block_stride) {
  constexpr Index lanes = hn::MaxLanes(D());
  const Index whole = columns / lanes, rest = columns % lanes;
  for (Index r = 0; r < rows; ++r, y += lanes) {
    const T* row = x + (row_index ? row_index[r] : r) * x_row_stride;
    T* block = y;
    for (Index k = 0; k < whole; ++k, row += lanes, block += y_block_stride) hn::StoreU(hn::LoadU(d, row), d, block);
    if (rest > 0) hn::StoreU(LoadPart(d, row, rest), d, block);
  }
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void FromBlocks(D d, const T* y, Index y_block_stride, Index rows, Index columns, T* x, Index x_row_stride,
                           const Index* row_index) {
  constexpr Index lanes = hn::MaxLanes(D());
  const Index whole = columns / lanes, rest = columns % lanes;
  for (Index r = 0; r < rows; ++r, y += lanes) {
    T* row = x + (row_index ? row_index[r] : r) * x_row_stride;
    const T* block = y;
    for (Index k = 0; k < whole; ++k, row += lanes, block += y_block_stride) hn::StoreU(hn::LoadU(d, block), d, row);
    if (rest > 0) StorePart(d, hn::LoadU(d, block), row, rest);
  }
}

template <class T>
std::span<const int> BlockLanes() {
  constexpr int widest = HWY_LANES(T);
  static constexpr int lanes[] = {widest, widest / 2};
  return {lanes, widest * sizeof(T) > 16 ? 2u : 1u};
}

#define UNROLL_BLOCKED(T)                                                                                              \
  std::span<const int> BlockLanes_##T() { return BlockLanes<T>(); }                                                    \
  void ToBlocks_##T(const T* x, Index x_row_stride, const Index* row_index, Index rows, Index columns, int lanes,      \
                    T* y, Index y_block_stride) {                                                                      \
    WithLanes<T>(lanes,                                                                                                \
                 [=](auto d) HWY_ATTR { ToBlocks(d, x, x_row_stride, row_index, rows, columns, y, y_block_stride); }); \
  }                                                                                                                    \
  void FromBlocks_##T(const T* y, Index y_block_stride, Index rows, Index columns, int lanes, T* x,                    \
                      Index x_row_stride, const Index* row_index) {                                                    \
    WithLanes<T>(                                                                                                      \
        lanes, [=](auto d) HWY_ATTR { FromBlocks(d, y, y_block_stride, rows, columns, x, x_row_stride, row_index); }); \
  }

UNROLL_BLOCKED(float)
UNROLL_BLOCKED(double)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

#define UNROLL_BLOCKED_DISPATCH(T)                                                                                   \
  HWY_EXPORT(BlockLanes_##T);                                                                                        \
  HWY_EXPORT(ToBlocks_##T);                                                                                          \
  HWY_EXPORT(FromBlocks_##T);                                                                                        \
  template <>                                                                                                        \
  std::span<const int> block_lanes<T>() {                                                                            \
    return HWY_DYNAMIC_DISPATCH(BlockLanes_##T)();                                                                   \
  }                                                                                                                  \
  template <>                                                                                                        \
  void to_blocks(const T* x, Index x_row_stride, const Index* row_index, Index rows, Index columns, int lanes, T* y, \
                 Index y_block_stride) {                                                                             \
    HWY_DYNAMIC_DISPATCH(ToBlocks_##T)(x, x_row_stride, row_index, rows, columns, lanes, y, y_block_stride);         \
  }                                                                                                                  \
  template <>                                                                                                        \
  void from_blocks(const T* y, Index y_block_stride, Index rows, Index columns, int lanes, T* x, Index x_row_stride, \
                   const Index* row_index) {                                                                         \
    HWY_DYNAMIC_DISPATCH(FromBlocks_##T)(y, y_block_stride, rows, columns, lanes, x, x_row_stride, row_index);       \
  }

UNROLL_BLOCKED_DISPATCH(float)
UNROLL_BLOCKED_DISPATCH(double)

}  // namespace unroll::kernels
#endif
