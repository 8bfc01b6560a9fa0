#include "unroll/core/kernels/packed_matmul.hpp"

#include <algorithm>
#include <utility>

#include "unroll/core/kernels/outer_product.hpp"
#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/packed_matmul.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/packed_matmul-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

// Few rows do not fill the pipeline: then several panels are computed at once.
constexpr int least_accumulators = registers == 32 ? 16 : 12;
constexpr int panels_at_once = least_accumulators / panel_blocks;
constexpr int PanelsAtOnce(Index rows) {
  return rows * panel_blocks < least_accumulators ? int(least_accumulators / (rows * panel_blocks)) : 1;
}

// Tiles of rows that meet all of b before the next ones do: few enough that their part of a stays in the cache.
constexpr Index chunk_bytes = 128 << 10, least_chunk = 4;

/// A panel's rows that meet all rows of a chunk before the next ones do: few enough to stay in the cache.
constexpr Index most_k = 256, most_pieces = 16;

/// What sums begin with: vector (v, i), of block v and row i, at p + v * block_step + i * row_step.
template <class T>
struct Start {
  const T* p;
  Index block_step, row_step;
};

template <class D, class T = hn::TFromD<D>>
HWY_INLINE Start<T> StartOf(const MatmulCall<T>& call, const T* c, Index block) {
  constexpr Index lanes = hn::MaxLanes(D());
  HWY_ALIGN static constexpr T zeros[hn::MaxLanes(D())] = {};
  if (call.accumulate) return {c, call.c_stride, lanes};
  if (call.bias) return {call.bias + block * lanes, lanes, 0};
  return {zeros, 0, 0};
}

/// sum += a b for one column of a and one row of b.
template <class D, int rows, int blocks, int panels, class T = hn::TFromD<D>>
HWY_INLINE void MultiplyAdd(const T* a, const T* b, Index panel_size, hn::Vec<D> (&sum)[rows][blocks * panels]) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D());
  constexpr int vectors = blocks * panels;
  if constexpr (panels == 1) {
    hn::Vec<D> b_row[vectors];
    HWY_UNROLL(12)
    for (int v = 0; v < vectors; ++v) b_row[v] = hn::LoadU(d, b + v * lanes);
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i) {
      const auto factor = hn::Set(d, a[i * lanes]);
      HWY_UNROLL(12)
      for (int v = 0; v < vectors; ++v) sum[i][v] = hn::MulAdd(factor, b_row[v], sum[i][v]);
    }
  } else {
    hn::Vec<D> factor[rows];
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i) factor[i] = hn::Set(d, a[i * lanes]);
    HWY_UNROLL(12)
    for (int v = 0; v < vectors; ++v) {
      const auto b_vector = hn::LoadU(d, b + v / blocks * panel_size + v % blocks * lanes);
      HWY_UNROLL(12)
      for (int i = 0; i < rows; ++i) sum[i][v] = hn::MulAdd(factor[i], b_vector, sum[i][v]);
    }
  }
}

/// A row of a panel to the second-level cache: what the hardware foresees ends with a panel.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void PrefetchRow(const T* b) {
  constexpr Index line = 64 / sizeof(T);
  for (Index k = 0; k < panel_blocks * Index(hn::MaxLanes(D())); k += line) __builtin_prefetch(b + k, 0, 2);
}

/// `rows` rows and `panels` panels from `row` and `block`; `blocks` of each panel. There is at least one piece. The
/// panel that lies `ahead` panels on is fetched meanwhile, unless several are computed at once.
template <class D, int rows, int blocks, int panels, class T = hn::TFromD<D>>
HWY_NOINLINE void MultiplyTile(const MatmulCall<T>& call, const MatmulPiece<T>* pieces, Index count, Index row,
                               Index block, Index ahead) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D());
  constexpr int vectors = blocks * panels;
  T* const c = call.c + block * call.c_stride + row * lanes;
  const Start<T> start = StartOf<D>(call, c, block);
  hn::Vec<D> sum[rows][vectors];
  HWY_UNROLL(12)
  for (int v = 0; v < vectors; ++v) {
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i) sum[i][v] = hn::LoadU(d, start.p + v * start.block_step + i * start.row_step);
  }
  const MatmulPiece<T>* const last_piece = pieces + count;
  do {
    constexpr Index b_step = panel_blocks * lanes;
    const T* a_block = pieces->a + row * lanes;
    const T* b = pieces->b + block / panel_blocks * pieces->panel_size;
    const Index to_next = ahead * pieces->panel_size;
    const T* const a_end = a_block + pieces->k / lanes * pieces->a_stride;
    for (; a_block != a_end; a_block += pieces->a_stride) {
      HWY_UNROLL(2)
      for (Index l = 0; l < lanes; ++l, b += b_step) {
        MultiplyAdd<D, rows, blocks, panels>(a_block + l, b, pieces->panel_size, sum);
        if constexpr (panels == 1) PrefetchRow<D>(b + to_next);
      }
    }
    for (Index l = 0; l < pieces->k % lanes; ++l, b += b_step) {
      MultiplyAdd<D, rows, blocks, panels>(a_block + l, b, pieces->panel_size, sum);
    }
  } while (++pieces != last_piece);
  HWY_UNROLL(12)
  for (int v = 0; v < vectors; ++v) {
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i) hn::StoreU(sum[i][v], d, c + v * call.c_stride + i * lanes);
  }
}

template <class T>
struct Tiles {
  MatmulTile<T> at[panels_at_once][panel_blocks][tile_rows];  // [panels - 1][blocks - 1][rows - 1]
};

template <class D, int k>
constexpr MatmulTile<hn::TFromD<D>> TileNumber() {
  constexpr int rows = k % tile_rows + 1, blocks = k / tile_rows % panel_blocks + 1;
  constexpr int panels = k / tile_rows / panel_blocks + 1;
  if constexpr (panels == 1 || (blocks == panel_blocks && panels <= PanelsAtOnce(rows))) {
    return &MultiplyTile<D, rows, blocks, panels>;
  } else {
    return nullptr;
  }
}

template <class D, int... k>
constexpr Tiles<hn::TFromD<D>> MakeTiles(std::integer_sequence<int, k...>) {
  Tiles<hn::TFromD<D>> tiles{};
  ((tiles.at[k / tile_rows / panel_blocks][k / tile_rows % panel_blocks][k % tile_rows] = TileNumber<D, k>()), ...);
  return tiles;
}

/// Calls f(tile, row, block) for all tiles of c.
template <class D, class F, class T = hn::TFromD<D>>
HWY_INLINE void ForEachTile(const MatmulCall<T>& call, const MatmulPiece<T>* pieces, Index count, F f) {
  static constexpr auto tiles =
      MakeTiles<D>(std::make_integer_sequence<int, panels_at_once * panel_blocks * tile_rows>());
  const EvenParts row_parts(call.rows, tile_rows);
  const Index blocks = call.last_block - call.first_block;
  const EvenParts panel_parts(blocks / panel_blocks, row_parts.parts == 1 ? PanelsAtOnce(call.rows) : 1);
  const Index groups = panel_parts.parts + (blocks % panel_blocks != 0);
  Index row_bytes = 0;
  for (Index p = 0; p < count; ++p) row_bytes += pieces[p].k * Index(sizeof(T));
  const Index chunk = std::max<Index>(least_chunk, chunk_bytes / (row_bytes * tile_rows + 1));
  for (Index first = 0; first < row_parts.parts; first += chunk) {
    const Index last = std::min(row_parts.parts, first + chunk);
    for (Index g = 0; g < groups; ++g) {
      const Index group = call.backwards ? groups - 1 - g : g;
      const bool whole = group < panel_parts.parts;
      const Index panel = whole ? panel_parts.begin(group) : panel_parts.n;
      const auto& by_rows =
          tiles.at[whole ? panel_parts.size(group) - 1 : 0][whole ? panel_blocks - 1 : blocks % panel_blocks - 1];
      for (Index part = first; part < last; ++part) {
        const bool is_last_use = part + 1 == last && g + 1 < groups;
        const Index ahead = !is_last_use ? 0 : call.backwards ? -1 : panel_parts.size(group);
        f(by_rows[row_parts.size(part) - 1], row_parts.begin(part), call.first_block + panel * panel_blocks, ahead);
      }
    }
  }
}

/// Calls f(call, pieces, count) for one part of k after another.
template <class D, class F, class T = hn::TFromD<D>>
HWY_INLINE void ForEachPart(const MatmulCall<T>& call, F f) {
  constexpr Index lanes = hn::MaxLanes(D());
  if (call.rows <= 0) return;
  MatmulCall<T> part = call;
  Index next = 0, done = 0;  // the term that comes next, and how much of its k has been used
  do {
    MatmulPiece<T> pieces[most_pieces];
    pieces[0] = {call.c, 0, 0, call.c, 0};  // without terms
    Index count = 0;
    for (Index k = 0; next < call.term_count && count < most_pieces; ++count) {
      const MatmulTerm<T>& term = call.terms[next];
      const Index left = term.k - done, size = left <= most_k - k ? left : (most_k - k) / lanes * lanes;
      if (size < left && size == 0) break;
      pieces[count] = {term.a + done / lanes * term.a_stride, term.a_stride, size, term.b + done * panel_blocks * lanes,
                       term.k * panel_blocks * lanes};
      k += size;
      done += size;
      if (done == term.k) {
        ++next;
        done = 0;
      }
    }
    f(part, pieces, std::max<Index>(count, 1));
    part.accumulate = true;
  } while (next < call.term_count);
}

template <class D, class T = hn::TFromD<D>>
void Multiply(const MatmulCall<T>& call) {
  ForEachPart<D>(call, [](const MatmulCall<T>& part, const MatmulPiece<T>* pieces, Index count) HWY_ATTR {
    ForEachTile<D>(part, pieces, count, [&](MatmulTile<T> tile, Index row, Index block, Index ahead) HWY_ATTR {
      tile(part, pieces, count, row, block, ahead);
    });
  });
}

template <class D, class T = hn::TFromD<D>>
PreparedMatmul<T> Prepare(const MatmulCall<T>& call) {
  PreparedMatmul<T> prepared;
  ForEachPart<D>(call, [&](const MatmulCall<T>& part, const MatmulPiece<T>* pieces, Index count) HWY_ATTR {
    const size_t first_piece = prepared.pieces.size(), number = prepared.calls.size();
    ForEachTile<D>(part, pieces, count, [&](MatmulTile<T> tile, Index row, Index block, Index) HWY_ATTR {
      prepared.tiles.push_back({tile, number, first_piece, count, row, block});
    });
    prepared.pieces.insert(prepared.pieces.end(), pieces, pieces + count);
    prepared.calls.push_back(part);
    prepared.calls.back().terms = nullptr;
  });
  return prepared;
}

template <class T>
MatmulKernels<T> Kernels(int lanes) {
  return WithLanes<T>(lanes, [=](auto d) {
    return MatmulKernels<T>{lanes,   panel_blocks, &Multiply<decltype(d)>, &Prepare<decltype(d)>, nullptr,
                            nullptr, nullptr};
  });
}

MatmulKernels<float> Kernels_float(int lanes) { return Kernels<float>(lanes); }
MatmulKernels<double> Kernels_double(int lanes) { return Kernels<double>(lanes); }

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

#define UNROLL_MATMUL_DISPATCH(T)                                        \
  HWY_EXPORT(Kernels_##T);                                               \
  template <>                                                            \
  MatmulKernels<T> matmul_kernels(int lanes) {                           \
    MatmulKernels<T> kernels = HWY_DYNAMIC_DISPATCH(Kernels_##T)(lanes); \
    set_outer_product_kernels(kernels);                                  \
    return kernels;                                                      \
  }

UNROLL_MATMUL_DISPATCH(float)
UNROLL_MATMUL_DISPATCH(double)

}  // namespace unroll::kernels
#endif
