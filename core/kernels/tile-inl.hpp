// Loops for elementwise tile ops. An Op is a struct with `static V apply(D d, V...)`, as for map-inl.hpp.
#if defined(UNROLL_KERNELS_TILE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_TILE_INL_HPP
#undef UNROLL_KERNELS_TILE_INL_HPP
#else
#define UNROLL_KERNELS_TILE_INL_HPP
#endif

#include <utility>

#include "unroll/core/kernels/simd-inl.hpp"
#include "unroll/core/kernels/tile_families.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

template <class T>
using TileTag = hn::ScalableTag<T>;

/// Half a vector where blocks may be as narrow as that, else a vector.
template <class T>
using NarrowTag = hn::CappedTag<T, (HWY_LANES(T) * sizeof(T) > 16 ? HWY_LANES(T) / 2 : HWY_LANES(T))>;

/// y[0 .. n) = Op(x...), operands without gaps; n is a multiple of the lanes of a block.
template <class Op, class T, size_t... k>
HWY_INLINE void ApplyToRun(T* y, Index n, const T* const (&x)[sizeof...(k)], std::index_sequence<k...>) {
  constexpr TileTag<T> d;
  constexpr Index lanes = hn::MaxLanes(d);
  Index i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const auto first = Op::apply(d, hn::LoadU(d, x[k] + i)...);
    const auto second = Op::apply(d, hn::LoadU(d, x[k] + i + lanes)...);
    hn::StoreU(first, d, y + i);
    hn::StoreU(second, d, y + i + lanes);
  }
  if (i + lanes <= n) {
    hn::StoreU(Op::apply(d, hn::LoadU(d, x[k] + i)...), d, y + i);
    i += lanes;
  }
  if constexpr (hn::MaxLanes(NarrowTag<T>()) < lanes) {
    constexpr NarrowTag<T> narrow;
    if (i < n) hn::StoreU(Op::apply(narrow, hn::LoadU(narrow, x[k] + i)...), narrow, y + i);
  }
}

/// The same, where operands have one row for all rows if their bit in `repeats` is set: x points to a vector of it.
template <class Op, unsigned repeats, class T, size_t... k>
HWY_INLINE void ApplyRepeated(T* y, Index n, const T* const (&x)[sizeof...(k)], std::index_sequence<k...>) {
  constexpr TileTag<T> d;
  constexpr Index lanes = hn::MaxLanes(d);
  if (n < lanes) return;  // operands end before a whole vector
  const hn::Vec<TileTag<T>> row[] = {hn::LoadU(d, x[k])...};
  const auto load = [&]<size_t j>(std::integral_constant<size_t, j>, Index i) HWY_ATTR {
    if constexpr (repeats >> j & 1) {
      return row[j];
    } else {
      return hn::LoadU(d, x[j] + i);
    }
  };
  for (Index i = 0; i + lanes <= n; i += lanes)
    hn::StoreU(Op::apply(d, load(std::integral_constant<size_t, k>(), i)...), d, y + i);
}

/// The sets of repeated operands that have a loop of their own.
template <size_t operands>
inline constexpr auto known_repeats = std::integer_sequence<unsigned>();
template <>
inline constexpr auto known_repeats<2> = std::integer_sequence<unsigned, 0b01, 0b10>();
template <>
inline constexpr auto known_repeats<3> = std::integer_sequence<unsigned, 0b010, 0b100, 0b110>();
template <>
inline constexpr auto known_repeats<4> = std::integer_sequence<unsigned, 0b0110>();
template <>
inline constexpr auto known_repeats<6> = std::integer_sequence<unsigned, 0b110110>();

template <class Op, class T, size_t operands, unsigned... known>
HWY_INLINE bool ApplyKnown(unsigned repeats, [[maybe_unused]] T* y, [[maybe_unused]] Index n,
                           const T* const (&x)[operands], std::integer_sequence<unsigned, known...>) {
  return ((repeats == known && (ApplyRepeated<Op, known>(y, n, x, std::make_index_sequence<operands>()), true)) || ...);
}

/// The same for `count` vectors at distances of their own.
template <class Op, class T, size_t... k>
HWY_INLINE void ApplyToVectors(T* y, Index y_step, Index count, const T* (&x)[sizeof...(k)],
                               const Index (&step)[sizeof...(k)], std::index_sequence<k...>) {
  constexpr TileTag<T> d;
  for (; count >= 2; count -= 2) {
    const auto first = Op::apply(d, hn::LoadU(d, x[k])...);
    const auto second = Op::apply(d, hn::LoadU(d, x[k] + step[k])...);
    hn::StoreU(first, d, y);
    hn::StoreU(second, d, y + y_step);
    y += 2 * y_step;
    ((x[k] += 2 * step[k]), ...);
  }
  if (count > 0) hn::StoreU(Op::apply(d, hn::LoadU(d, x[k])...), d, y);
}

/// The vector that repeats the lanes of a block at p; buffer has room for it.
template <class T>
HWY_INLINE const T* Repeat(const T* p, Index lanes, T* buffer) {
  constexpr TileTag<T> d;
  constexpr NarrowTag<T> narrow;
  if (lanes == Index(hn::MaxLanes(d))) return p;
  const auto block = hn::LoadU(narrow, p);
  hn::StoreU(block, narrow, buffer);
  hn::StoreU(block, narrow, buffer + lanes);
  return buffer;
}

/// Some operand has one row for all rows.
template <class Op, class T, size_t... k>
HWY_NOINLINE void ApplyWithRepeats(const TileOperand<T>& out, const TileOperand<T> (&in)[sizeof...(k)], Index blocks,
                                   Index rows, std::index_sequence<k...> inputs) {
  constexpr Index vector = hn::MaxLanes(TileTag<T>());
  const Index lanes = out.row_stride, n = rows * lanes;
  const Index step[] = {(in[k].row_stride ? vector : 0)...};
  const unsigned repeats = ((in[k].row_stride ? 0u : 1u << k) | ...);
  for (Index block = 0; block < blocks; ++block) {
    T* const y = out.p + block * out.block_stride;
    const T* const x[] = {in[k].p + block * in[k].block_stride...};
    HWY_ALIGN T repeated[sizeof...(k)][vector];
    const T* at[] = {(step[k] ? x[k] : Repeat(x[k], lanes, repeated[k]))...};
    if (!ApplyKnown<Op>(repeats, y, n, at, known_repeats<sizeof...(k)>))
      ApplyToVectors<Op>(y, vector, n / vector, at, step, inputs);
    if constexpr (hn::MaxLanes(NarrowTag<T>()) < vector) {
      constexpr NarrowTag<T> narrow;
      const Index last = n - n % vector;
      if (last < n) {
        hn::StoreU(Op::apply(narrow, hn::LoadU(narrow, x[k] + (step[k] ? last : 0))...), narrow, y + last);
      }
    }
  }
}

template <class Op, class T, size_t... k>
HWY_INLINE void RunElementwise(const TileInstruction<T>& instruction, const TileOperand<T>* registers, Index blocks,
                               Index rows, std::index_sequence<k...> inputs) {
  const TileOperand<T>& out = registers[instruction.out];
  if (rows == 1 && out.row_stride == Index(hn::MaxLanes(TileTag<T>()))) {
    const T* x[] = {registers[instruction.in[k]].p...};
    return ApplyToVectors<Op>(out.p, out.block_stride, blocks, x, {registers[instruction.in[k]].block_stride...},
                              inputs);
  }
  if (!((registers[instruction.in[k]].row_stride != 0) && ...)) {
    return ApplyWithRepeats<Op>(out, {registers[instruction.in[k]]...}, blocks, rows, inputs);
  }
  const Index n = rows * out.row_stride;
  for (Index block = 0; block < blocks; ++block) {
    ApplyToRun<Op>(out.p + block * out.block_stride, n,
                   {registers[instruction.in[k]].p + block * registers[instruction.in[k]].block_stride...}, inputs);
  }
}

template <class Op, TileOp op, class T>
void Elementwise(const TileInstruction<T>& instruction, const TileOperand<T>* registers, Index blocks, Index rows,
                 Index) {
  RunElementwise<Op>(instruction, registers, blocks, rows, std::make_index_sequence<operand_count(op)>());
}

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

// In the per-target namespace: the entry of an elementwise op, then the table of a family. Once, in unroll::kernels:
// the dispatch.
#define UNROLL_TILE(T, op, Op) \
  TileEntry<T> { TileOp::op, #op, &Elementwise<Op, TileOp::op, T>, &Elementwise<Op, TileOp::op, T> }

#define UNROLL_TILE_FAMILY(family, entries)                         \
  std::span<const TileEntry<float>> family##_float_tiles() {        \
    static constexpr TileEntry<float> table[] = {entries(float)};   \
    return table;                                                   \
  }                                                                 \
  std::span<const TileEntry<double>> family##_double_tiles() {      \
    static constexpr TileEntry<double> table[] = {entries(double)}; \
    return table;                                                   \
  }

#define UNROLL_TILE_FAMILY_DISPATCH(family)                                                                         \
  HWY_EXPORT(family##_float_tiles);                                                                                 \
  HWY_EXPORT(family##_double_tiles);                                                                                \
  std::span<const TileEntry<float>> family##_tiles_float() { return HWY_DYNAMIC_DISPATCH(family##_float_tiles)(); } \
  std::span<const TileEntry<double>> family##_tiles_double() { return HWY_DYNAMIC_DISPATCH(family##_double_tiles)(); }

#endif
