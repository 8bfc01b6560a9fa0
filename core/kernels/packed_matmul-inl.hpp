// Sizes of the register tiles of matrix products.
#if defined(UNROLL_KERNELS_PACKED_MATMUL_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_PACKED_MATMUL_INL_HPP
#undef UNROLL_KERNELS_PACKED_MATMUL_INL_HPP
#else
#define UNROLL_KERNELS_PACKED_MATMUL_INL_HPP
#endif

#include "unroll/core/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3) || HWY_ARCH_ARM_A64
constexpr int registers = 32;
#else
constexpr int registers = 16;
#endif

// multiply: tile_rows x panel_blocks accumulators, a row of b and one element of a fill the registers.
constexpr int tile_rows = 6;
constexpr int panel_blocks = registers == 32 ? 4 : 2;

/// Calls f with the tag for vectors of `lanes` elements, one of block_lanes().
template <class T, class F>
HWY_INLINE auto WithLanes(int lanes, F f) {
  constexpr size_t widest = HWY_LANES(T);
  if constexpr (widest * sizeof(T) > 16) {
    if (lanes == int(widest / 2)) return f(hn::CappedTag<T, widest / 2>());
  }
  return f(hn::CappedTag<T, widest>());
}

/// [0, n) cut into the fewest parts of at most `most`, as even as can be. Without divisions if it is one part: small
/// products would take longer for these than for the rest.
struct EvenParts {
  Index parts, n;
  HWY_INLINE EvenParts(Index size, Index most) : parts(size <= most ? size > 0 : (size + most - 1) / most), n(size) {}
  HWY_INLINE Index begin(Index part) const { return part == 0 ? 0 : part == parts ? n : part * n / parts; }
  HWY_INLINE Index size(Index part) const { return begin(part + 1) - begin(part); }
  HWY_INLINE Index largest() const { return parts <= 1 ? n : (n + parts - 1) / parts; }
};

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
