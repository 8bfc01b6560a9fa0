#include <algorithm>

#include "unroll/core/kernels/packed_matmul.hpp"
#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/packing.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/packed_matmul-inl.hpp"
#include "unroll/core/kernels/part-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

template <class T>
struct Source {
  const T* b;
  Index stride;  // the one that is not 1
  Index k, n;
};

/// Row-major: rows [begin, end) of b, panel by panel.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void PackRows(const Source<T>& source, Index begin, Index end, Index first_panel, Index last_panel,
                         T* packed) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D()), width = panel_blocks * lanes;
  for (Index panel = first_panel; panel < last_panel; ++panel) {
    T* to = packed + (panel * source.k + begin) * width;
    const Index columns = source.n - panel * width;
    for (Index row = begin; row < end; ++row, to += width) {
      const T* from = source.b + row * source.stride + panel * width;
      for (Index v = 0; v < panel_blocks; ++v) {
        const Index left = columns - v * lanes;
        const auto x = left >= lanes ? hn::LoadU(d, from + v * lanes) : LoadPart(d, from + v * lanes, left);
        hn::StoreU(x, d, to + v * lanes);
      }
    }
  }
}

#if HWY_TARGET != HWY_SCALAR
constexpr Index block_bytes = 16;

/// One block of 16 bytes for each of several rows that lie next_row apart.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadRows(D d, const T* p, Index stride) {
  if constexpr (hn::MaxLanes(D()) * sizeof(T) == block_bytes) {
    return hn::LoadU(d, p);
  } else {
    constexpr hn::Half<D> half;
    constexpr Index rows = hn::MaxLanes(D()) / 2;
    return hn::Combine(d, LoadRows(half, p + rows * stride, stride), LoadRows(half, p, stride));
  }
}

/// Transposes square blocks of 16 bytes a row.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void TransposeBlocks(D d, V (&x)[block_bytes / sizeof(hn::TFromD<D>)]) {
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    const hn::Repartition<double, D> wide;
    const auto low01 = hn::BitCast(wide, hn::InterleaveLower(d, x[0], x[1]));
    const auto low23 = hn::BitCast(wide, hn::InterleaveLower(d, x[2], x[3]));
    const auto high01 = hn::BitCast(wide, hn::InterleaveUpper(d, x[0], x[1]));
    const auto high23 = hn::BitCast(wide, hn::InterleaveUpper(d, x[2], x[3]));
    x[0] = hn::BitCast(d, hn::InterleaveLower(wide, low01, low23));
    x[1] = hn::BitCast(d, hn::InterleaveUpper(wide, low01, low23));
    x[2] = hn::BitCast(d, hn::InterleaveLower(wide, high01, high23));
    x[3] = hn::BitCast(d, hn::InterleaveUpper(wide, high01, high23));
  } else {
    const V low = hn::InterleaveLower(d, x[0], x[1]);
    x[1] = hn::InterleaveUpper(d, x[0], x[1]);
    x[0] = low;
  }
}
#endif

/// Column-major: columns [block * lanes, (block + 1) * lanes) of b, `to` their place in row 0 of the panel.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void PackColumns(const Source<T>& source, Index block, T* to) {
  constexpr Index lanes = hn::MaxLanes(D()), width = panel_blocks * lanes;
  const T* const from = source.b + block * lanes * source.stride;
  const Index columns = std::clamp<Index>(source.n - block * lanes, 0, lanes);
  Index i = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr D d;
  constexpr Index side = block_bytes / sizeof(T);
  if (columns == lanes) {
    for (; i + side <= source.k; i += side) {
      hn::Vec<D> x[side];
      for (Index r = 0; r < side; ++r) x[r] = LoadRows(d, from + r * source.stride + i, source.stride);
      TransposeBlocks(d, x);
      for (Index r = 0; r < side; ++r) hn::StoreU(x[r], d, to + (i + r) * width);
    }
  }
#endif
  for (; i < source.k; ++i) {
    for (Index j = 0; j < lanes; ++j) to[i * width + j] = j < columns ? from[j * source.stride + i] : T(0);
  }
}

template <class D, class T = hn::TFromD<D>>
void Pack(const T* b, Index row_stride, Index column_stride, Index k, Index n, Index first_block, Index last_block,
          T* packed) {
  constexpr Index lanes = hn::MaxLanes(D());
  const Index first_panel = first_block / panel_blocks;
  const Index last_panel = (last_block + panel_blocks - 1) / panel_blocks;
  if (column_stride == 1) {
    constexpr Index rows_at_once = 8;
    for (Index row = 0; row < k; row += rows_at_once) {
      PackRows<D>({b, row_stride, k, n}, row, std::min(k, row + rows_at_once), first_panel, last_panel, packed);
    }
    return;
  }
  for (Index panel = first_panel; panel < last_panel; ++panel) {
    for (Index v = 0; v < panel_blocks; ++v) {
      PackColumns<D>({b, column_stride, k, n}, panel * panel_blocks + v,
                     packed + (panel * k * panel_blocks + v) * lanes);
    }
  }
}

template <class T>
Index PackedSize(int lanes, Index k, Index n) {
  const Index width = panel_blocks * lanes;
  return (n + width - 1) / width * width * k;
}

Index PackedSize_float(int lanes, Index k, Index n) { return PackedSize<float>(lanes, k, n); }
Index PackedSize_double(int lanes, Index k, Index n) { return PackedSize<double>(lanes, k, n); }

#define UNROLL_PACK(T)                                                                                             \
  void Pack_##T(int lanes, const T* b, Index row_stride, Index column_stride, Index k, Index n, Index first_block, \
                Index last_block, T* packed) {                                                                     \
    WithLanes<T>(lanes, [=](auto d) HWY_ATTR {                                                                     \
      Pack<decltype(d)>(b, row_stride, column_stride, k, n, first_block, last_block, packed);                      \
    });                                                                                                            \
  }
UNROLL_PACK(float)
UNROLL_PACK(double)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

#define UNROLL_PACKING_DISPATCH(T)                                                                              \
  HWY_EXPORT(PackedSize_##T);                                                                                   \
  HWY_EXPORT(Pack_##T);                                                                                         \
  template <>                                                                                                   \
  Index packed_size<T>(int lanes, Index k, Index n) {                                                           \
    return HWY_DYNAMIC_DISPATCH(PackedSize_##T)(lanes, k, n);                                                   \
  }                                                                                                             \
  template <>                                                                                                   \
  void pack(int lanes, const T* b, Index row_stride, Index column_stride, Index k, Index n, Index first_block,  \
            Index last_block, T* packed) {                                                                      \
    HWY_DYNAMIC_DISPATCH(Pack_##T)(lanes, b, row_stride, column_stride, k, n, first_block, last_block, packed); \
  }

UNROLL_PACKING_DISPATCH(float)
UNROLL_PACKING_DISPATCH(double)

}  // namespace unroll::kernels
#endif
