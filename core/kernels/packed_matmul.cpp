#include "unroll/core/kernels/packed_matmul.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "unroll/core/cache_size.hpp"
#include "unroll/core/kernels/outer_product.hpp"
#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/packed_matmul.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/packed_matmul-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

// Few rows do not fill the pipeline: then several panels are computed at once. Four of one row come more slowly from
// the second-level cache than three.
constexpr int least_accumulators = registers == 32 ? 16 : 12;
constexpr int panels_at_once = registers == 32 ? 3 : 6;
constexpr int PanelsAtOnce(Index rows) {
  return std::clamp(int(least_accumulators / (rows * panel_blocks)), 1, panels_at_once);
}

// A panel's rows that meet all rows of c before the next ones do: few enough to stay in the first-level cache.
template <class T>
constexpr Index MostK(Index lanes) {
  constexpr Index panel_bytes = 32 << 10, most = 256;
  return std::min(most, panel_bytes / (panel_blocks * lanes * Index(sizeof(T))));
}

/// Rows of a tile with so many blocks of one panel.
constexpr int MostRows(int blocks) {
  if (registers == 16) return blocks == 1 ? 12 : tile_rows;
  return blocks <= 2 ? 12 : blocks == 3 ? 8 : tile_rows;
}
constexpr int most_tile_rows = 12;

// Rows of c that meet all of b, or a part of it, before the next ones do: few enough that what they need of a stays in
// the second-level cache.
constexpr Index least_chunk = 4 * tile_rows, part_bytes = 128 << 10, all_bytes = 256 << 10;
// A larger b is fetched ahead.
constexpr Index cached_bytes = 256 << 10;

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

/// `rows` rows and `panels` panels from `row` and `block`; `blocks` of each panel. There is at least one piece. A line
/// for each k is fetched to the second-level cache meanwhile, from `ahead` on, unless that is null or several panels
/// are computed at once: what the hardware foresees ends with a panel.
template <class D, int rows, int blocks, int panels, class T = hn::TFromD<D>>
HWY_NOINLINE void MultiplyTile(const MatmulCall<T>& call, const MatmulPiece<T>* pieces, Index count, Index row,
                               Index block, const T* ahead) {
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
    const T* const a_end = a_block + pieces->k / lanes * pieces->a_stride;
    for (; a_block != a_end; a_block += pieces->a_stride) {
      if (panels == 1 && ahead) {
        HWY_UNROLL(2)
        for (Index l = 0; l < lanes; ++l, b += b_step, ahead += 64 / sizeof(T)) {
          __builtin_prefetch(ahead, 0, 2);
          MultiplyAdd<D, rows, blocks, panels>(a_block + l, b, pieces->panel_size, sum);
        }
        continue;
      }
      HWY_UNROLL(2)
      for (Index l = 0; l < lanes; ++l, b += b_step) {
        MultiplyAdd<D, rows, blocks, panels>(a_block + l, b, pieces->panel_size, sum);
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

/// The same for `rows` rows of a call with one column.
template <class D, int rows, class T = hn::TFromD<D>>
HWY_NOINLINE void DotTile(const MatmulCall<T>& call, const MatmulPiece<T>* pieces, Index count, Index row, Index block,
                          const T*) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D());
  T* const c = call.c + row * lanes;
  const Start<T> start = StartOf<D>(call, c, block);
  hn::Vec<D> sum[rows];
  for (auto& s : sum) s = hn::Zero(d);
  for (const MatmulPiece<T>* piece = pieces; piece != pieces + count; ++piece) {
    const T *a = piece->a + row * lanes, *b = piece->b, *const end = b + piece->k / lanes * lanes;
    for (; b != end; b += lanes, a += piece->a_stride) {
      const auto factor = hn::LoadU(d, b);
      HWY_UNROLL(12)
      for (int i = 0; i < rows; ++i) sum[i] = hn::MulAdd(hn::LoadU(d, a + i * lanes), factor, sum[i]);
    }
    if (const Index left = piece->k % lanes; left > 0) {
      const auto used = hn::FirstN(d, size_t(left));  // the padding of a may be anything
      const auto factor = hn::IfThenElseZero(used, hn::LoadU(d, b));
      HWY_UNROLL(12)
      for (int i = 0; i < rows; ++i) {
        sum[i] = hn::MulAdd(hn::IfThenElseZero(used, hn::LoadU(d, a + i * lanes)), factor, sum[i]);
      }
    }
  }
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) {
    const auto before = hn::LoadU(d, start.p + i * start.row_step);
    hn::StoreU(hn::Add(hn::SumOfLanes(d, sum[i]), before), d, c + i * lanes);
  }
}

template <class T>
struct Tiles {
  MatmulTile<T> at[panels_at_once][panel_blocks][most_tile_rows];  // [panels - 1][blocks - 1][rows - 1]
};

template <class D, int k>
constexpr MatmulTile<hn::TFromD<D>> TileNumber() {
  constexpr int rows = k % most_tile_rows + 1, blocks = k / most_tile_rows % panel_blocks + 1;
  constexpr int panels = k / most_tile_rows / panel_blocks + 1;
  if constexpr (panels == 1 ? rows <= MostRows(blocks) : blocks == panel_blocks && panels <= PanelsAtOnce(rows)) {
    return &MultiplyTile<D, rows, blocks, panels>;
  } else {
    return nullptr;
  }
}

template <class D, int... k>
constexpr Tiles<hn::TFromD<D>> MakeTiles(std::integer_sequence<int, k...>) {
  Tiles<hn::TFromD<D>> tiles{};
  ((tiles.at[k / most_tile_rows / panel_blocks][k / most_tile_rows % panel_blocks][k % most_tile_rows] =
        TileNumber<D, k>()),
   ...);
  return tiles;
}

template <class D, int... k>
constexpr std::array<MatmulTile<hn::TFromD<D>>, sizeof...(k)> MakeDotTiles(std::integer_sequence<int, k...>) {
  return {&DotTile<D, k + 1>...};
}

/// Pieces of a call, in parts that meet all rows one after another.
template <class T>
struct Batch {
  struct Part {
    const MatmulPiece<T>* pieces;
    Index count, k;
  };
  static constexpr Index most = 16;
  MatmulPiece<T> pieces[most];
  Part parts[most];
  Index part_count, k;
};

/// Calls f(call, batch) for one batch after another.
template <class D, class F, class T = hn::TFromD<D>>
HWY_INLINE void ForEachBatch(MatmulCall<T> call, F f) {
  constexpr Index lanes = hn::MaxLanes(D());
  if (call.rows <= 0) return;
  Index all = 0;
  for (Index t = 0; t < call.term_count; ++t) all += call.terms[t].k;
  Index most_k = all;
  if (call.rows > tile_rows && !call.one_column) {  // rows of one tile meet a panel once
    const EvenParts parts(all, MostK<T>(lanes));
    most_k = parts.largest();
  }
  most_k = (most_k + lanes - 1) / lanes * lanes;
  Index next = 0, done = 0;  // the term that comes next, and how much of its k has been used
  do {
    Batch<T> batch;
    batch.pieces[0] = {call.c, 0, 0, call.c, 0};  // without terms
    batch.parts[0] = {batch.pieces, 0, 0};
    batch.part_count = 1;
    batch.k = 0;
    for (Index count = 0; next < call.term_count && count < batch.most;) {
      auto* part = &batch.parts[batch.part_count - 1];
      const MatmulTerm<T>& term = call.terms[next];
      const Index left = term.k - done, room = most_k - part->k, size = left <= room ? left : room / lanes * lanes;
      if (size == 0 && left > 0) {
        batch.parts[batch.part_count++] = {&batch.pieces[count], 0, 0};
        continue;
      }
      batch.pieces[count++] = {term.a + done / lanes * term.a_stride, term.a_stride, size,
                               term.b + done * panel_blocks * lanes, term.k * panel_blocks * lanes};
      ++part->count;
      part->k += size;
      batch.k += size;
      done += size;
      if (done == term.k) {
        ++next;
        done = 0;
      }
    }
    batch.parts[0].count = std::max<Index>(batch.parts[0].count, 1);
    f(call, batch);
    call.accumulate = true;
  } while (next < call.term_count);
}

/// Calls f(number of the part, tile, row, block, ahead) for all tiles of c and parts of the batch.
template <class D, class F, class T = hn::TFromD<D>>
HWY_INLINE void ForEachTile(const MatmulCall<T>& call, const Batch<T>& batch, F f) {
  constexpr Index lanes = hn::MaxLanes(D()), line = 64 / Index(sizeof(T));
  static constexpr auto tiles =
      MakeTiles<D>(std::make_integer_sequence<int, panels_at_once * panel_blocks * most_tile_rows>());
  const Index blocks = call.last_block - call.first_block;
  if (call.one_column) {
    constexpr int most_rows = 8;
    static constexpr auto dots = MakeDotTiles<D>(std::make_integer_sequence<int, most_rows>());
    for (Index row = 0; row < call.rows && blocks > 0; row += most_rows)
      f(0, dots[std::min<Index>(call.rows - row, most_rows) - 1], row, call.first_block, nullptr);
    return;
  }
  const EvenParts panel_parts(blocks / panel_blocks, call.rows <= tile_rows ? PanelsAtOnce(call.rows) : 1);
  const Index groups = panel_parts.parts + (blocks % panel_blocks != 0);
  const bool fetches = batch.k * blocks * lanes * Index(sizeof(T)) > cached_bytes;
  // All parts for some rows, or one after another for many if what they add to stays in the cache.
  const Index all_row_bytes = batch.k * Index(sizeof(T)), c_bytes = call.rows * blocks * lanes * Index(sizeof(T));
  const Index cache = second_level_cache();
  const bool together = call.rows * all_row_bytes <= all_bytes || c_bytes > cache / 2;
  for (Index begin = 0, end; begin < batch.part_count; begin = end) {
    end = together ? batch.part_count : begin + 1;
    const Index row_bytes = together ? all_row_bytes : batch.parts[begin].k * Index(sizeof(T));
    const Index chunk_bytes = together ? std::max(all_bytes, cache / 4) : part_bytes;
    const Index most_rows = std::max(least_chunk, chunk_bytes / std::max<Index>(row_bytes, 1));
    const EvenParts chunks(call.rows, most_rows);
    for (Index chunk = 0; chunk < chunks.parts; ++chunk) {
      for (Index g = 0; g < groups; ++g) {
        auto first_panel = [&](Index k) {
          const Index group = call.backwards ? groups - 1 - k : k;
          return group < panel_parts.parts ? panel_parts.begin(group) : panel_parts.n;
        };
        const Index group = call.backwards ? groups - 1 - g : g, panel = first_panel(g);
        const bool whole = group < panel_parts.parts;
        const int panels = whole ? int(panel_parts.size(group)) : 1;
        const int blocks_of_panel = whole ? panel_blocks : int(blocks % panel_blocks);
        const EvenParts row_parts(chunks.size(chunk), MostRows(blocks_of_panel));
        for (Index p = begin; p < end; ++p) {
          const T *ahead = nullptr, *ahead_end = nullptr;
          if (fetches && (p + 1 < end || g + 1 < groups)) {
            const auto& next = batch.parts[p + 1 < end ? p + 1 : begin];
            const Index at = p + 1 < end ? panel : first_panel(g + 1);
            ahead = next.pieces->b + (call.first_block / panel_blocks + at) * next.pieces->panel_size;
            ahead_end = ahead + next.k * panel_blocks * lanes;
          }
          for (Index k = 0; k < row_parts.parts; ++k) {
            f(p, tiles.at[panels - 1][blocks_of_panel - 1][row_parts.size(k) - 1],
              chunks.begin(chunk) + row_parts.begin(k), call.first_block + panel * panel_blocks,
              ahead < ahead_end ? ahead : nullptr);
            if (ahead) ahead += batch.parts[p].k * line;
          }
        }
      }
    }
  }
}

/// The same for all parts but the first.
template <class T>
MatmulCall<T> Again(MatmulCall<T> call) {
  call.accumulate = true;
  return call;
}

template <class D, class T = hn::TFromD<D>>
void Multiply(const MatmulCall<T>& call) {
  ForEachBatch<D>(call, [](const MatmulCall<T>& first, const Batch<T>& batch) HWY_ATTR {
    const MatmulCall<T> again = Again(first);
    ForEachTile<D>(first, batch, [&](Index p, MatmulTile<T> tile, Index row, Index block, const T* ahead) HWY_ATTR {
      tile(p == 0 ? first : again, batch.parts[p].pieces, batch.parts[p].count, row, block, ahead);
    });
  });
}

template <class D, class T = hn::TFromD<D>>
void Prepare(const MatmulCall<T>& call, PreparedMatmul<T>& prepared) {
  ForEachBatch<D>(call, [&](const MatmulCall<T>& first, const Batch<T>& batch) HWY_ATTR {
    const size_t pieces = prepared.pieces.size(), number = prepared.calls.size();
    ForEachTile<D>(first, batch, [&](Index p, MatmulTile<T> tile, Index row, Index block, const T* ahead) HWY_ATTR {
      const auto& part = batch.parts[p];
      prepared.tiles.push_back(
          {tile, number + (p > 0), pieces + size_t(part.pieces - batch.pieces), part.count, row, block, ahead});
    });
    const auto& last = batch.parts[batch.part_count - 1];
    prepared.pieces.insert(prepared.pieces.end(), batch.pieces, last.pieces + last.count);
    for (const MatmulCall<T>& c : {first, Again(first)}) {
      prepared.calls.push_back(c);
      prepared.calls.back().terms = nullptr;
    }
  });
}

// Half a vector takes as long as a whole one, but where a whole one of 512 bits is taken in two halves (AMD's Zen 4).
template <class T>
double SpeedOf(int lanes) {
  if (lanes == int(HWY_LANES(T))) return 1;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if (__builtin_cpu_is("amdfam19h")) return 1;
#endif
  return 0.55;
}

template <class T>
MatmulKernels<T> Kernels(int lanes) {
  return WithLanes<T>(lanes, [=](auto d) {
    return MatmulKernels<T>{lanes,   SpeedOf<T>(lanes), panel_blocks, &Multiply<decltype(d)>, &Prepare<decltype(d)>,
                            nullptr, nullptr,           nullptr};
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
