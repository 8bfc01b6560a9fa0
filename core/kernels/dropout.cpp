#include "unroll/core/kernels/dropout.hpp"

#include <algorithm>

#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/dropout.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

using Counters = hn::ScalableTag<std::uint64_t>;

// Products of the lower halves of the lanes; what stands in the upper halves does not matter.
template <class V>
HWY_INLINE V Product(V a, V b) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(Counters(), std::uint64_t{static_cast<std::uint32_t>(hn::GetLane(a))} *
                                 static_cast<std::uint32_t>(hn::GetLane(b)));
#else
  const hn::Repartition<std::uint32_t, Counters> d;
  return hn::MulEven(hn::BitCast(d, a), hn::BitCast(d, b));
#endif
}

// The ten keys of the rounds, one pair after the other.
struct RoundKeys {
  std::uint64_t pairs[20];
  explicit RoundKeys(std::uint64_t seed) {
    std::uint32_t key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round, key0 += 0x9E3779B9, key1 += 0xBB67AE85) {
      pairs[2 * round] = key0;
      pairs[2 * round + 1] = key1;
    }
  }
};

// One block of four words a lane, in `unroll` vectors side by side, as each waits for its own products.
template <int unroll>
HWY_INLINE void StoreBlocks(const RoundKeys& keys, std::uint64_t stream, std::uint64_t block, std::uint64_t* words) {
  const Counters d;
  const Index lanes = LaneCount(d);
  constexpr std::uint64_t low = 0xFFFFFFFF;
  const auto m0 = hn::Set(d, 0xD2511F53), m1 = hn::Set(d, 0xCD9E8D57), mask = hn::Set(d, low);
  hn::Vec<Counters> c0[unroll], c1[unroll], c2[unroll], c3[unroll];
  for (int u = 0; u < unroll; ++u) {
    c0[u] = hn::Iota(d, block + static_cast<std::uint64_t>(u * lanes));
    c1[u] = hn::ShiftRight<32>(c0[u]);
    c2[u] = hn::Set(d, stream & low);
    c3[u] = hn::Set(d, stream >> 32);
  }
  for (int round = 0; round < 10; ++round) {
    const auto key0 = hn::Set(d, keys.pairs[2 * round]), key1 = hn::Set(d, keys.pairs[2 * round + 1]);
    for (int u = 0; u < unroll; ++u) {
      const auto a = Product(c0[u], m0), b = Product(c2[u], m1);
      c0[u] = hn::Xor(hn::Xor(hn::ShiftRight<32>(b), key0), c1[u]);
      c2[u] = hn::Xor(hn::Xor(hn::ShiftRight<32>(a), key1), c3[u]);
      c1[u] = b;
      c3[u] = a;
    }
  }
  for (int u = 0; u < unroll; ++u) {
    const auto first = hn::Or(hn::And(c0[u], mask), hn::ShiftLeft<32>(c1[u]));
    const auto second = hn::Or(hn::And(c2[u], mask), hn::ShiftLeft<32>(c3[u]));
    hn::StoreInterleaved2(first, second, d, words + 2 * u * lanes);
  }
}

constexpr Index chunk_blocks = 64;

struct Chunk {
  HWY_ALIGN std::uint64_t words[2 * chunk_blocks];
  const std::uint32_t* begin() const { return reinterpret_cast<const std::uint32_t*>(words); }
};

// `count` blocks at least.
HWY_INLINE void FillChunk(const RoundKeys& keys, std::uint64_t stream, std::uint64_t block, Index count, Chunk& chunk) {
  constexpr int unroll = 2;
  static_assert(chunk_blocks % (unroll * hn::MaxLanes(Counters())) == 0);
  for (Index i = 0; i < count; i += unroll * LaneCount(Counters()))
    StoreBlocks<unroll>(keys, stream, block + static_cast<std::uint64_t>(i), chunk.words + 2 * i);
}

void philox_words(std::uint64_t seed, std::uint64_t stream, std::uint64_t block, Index count, std::uint32_t* words) {
  const RoundKeys keys(seed);
  Chunk chunk;
  for (Index i = 0; i < count; i += chunk_blocks) {
    const Index blocks = HWY_MIN(count - i, chunk_blocks);
    FillChunk(keys, stream, block + static_cast<std::uint64_t>(i), blocks, chunk);
    std::copy_n(chunk.begin(), 4 * blocks, words + 4 * i);
  }
}

template <class D>
HWY_INLINE hn::Mask<D> Kept(D d, hn::Vec<hn::Rebind<std::uint32_t, D>> words, std::uint32_t last_dropped) {
  const hn::Rebind<std::uint32_t, D> of_words;
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    return hn::RebindMask(d, hn::Gt(words, hn::Set(of_words, last_dropped)));
  } else {
    const hn::RebindToUnsigned<D> wide;
    return hn::RebindMask(d, hn::Gt(hn::PromoteTo(wide, words), hn::Set(wide, std::uint64_t{last_dropped})));
  }
}

template <class T>
HWY_INLINE void Drop(const std::uint32_t* words, std::uint32_t last_dropped, T factor, const T* x, T* y, Index n) {
  const hn::ScalableTag<T> d;
  const hn::Rebind<std::uint32_t, decltype(d)> of_words;
  const auto scale = hn::Set(d, factor);
  const Index lanes = LaneCount(d);
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto kept = Kept(d, hn::LoadU(of_words, words + i), last_dropped);
    hn::StoreU(hn::IfThenElseZero(kept, hn::Mul(hn::LoadU(d, x + i), scale)), d, y + i);
  }
  for (; i < n; ++i) y[i] = words[i] > last_dropped ? x[i] * factor : T{0};
}

template <class T>
HWY_INLINE void Dropout(const DropoutRule& rule, std::uint64_t position, const T* x, T* y, Index n) {
  const T factor = static_cast<T>(rule.scale);
  if (rule.limit == 0) {
    for (Index i = 0; i < n; ++i) y[i] = x[i] * factor;
    return;
  }
  const RoundKeys keys(rule.seed);
  Chunk chunk;
  for (Index i = 0; i < n;) {
    const Index skipped = static_cast<Index>(position % 4), count = HWY_MIN(n - i, 4 * chunk_blocks - skipped);
    FillChunk(keys, rule.stream, position / 4, (skipped + count + 3) / 4, chunk);
    Drop(chunk.begin() + skipped, static_cast<std::uint32_t>(rule.limit - 1), factor, x + i, y + i, count);
    i += count;
    position += static_cast<std::uint64_t>(count);
  }
}

void dropout_float(const DropoutRule& rule, std::uint64_t position, const float* x, float* y, Index n) {
  Dropout(rule, position, x, y, n);
}
void dropout_double(const DropoutRule& rule, std::uint64_t position, const double* x, double* y, Index n) {
  Dropout(rule, position, x, y, n);
}

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {

HWY_EXPORT(philox_words);
HWY_EXPORT(dropout_float);
HWY_EXPORT(dropout_double);

void philox_words(std::uint64_t seed, std::uint64_t stream, std::uint64_t block, Index count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(philox_words)(seed, stream, block, count, words);
}
void dropout(const DropoutRule& rule, std::uint64_t position, const float* x, float* y, Index n) {
  HWY_DYNAMIC_DISPATCH(dropout_float)(rule, position, x, y, n);
}
void dropout(const DropoutRule& rule, std::uint64_t position, const double* x, double* y, Index n) {
  HWY_DYNAMIC_DISPATCH(dropout_double)(rule, position, x, y, n);
}

}  // namespace unroll::kernels
#endif
