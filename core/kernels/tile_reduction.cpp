#include "unroll/core/kernels/targets.hpp"
#include "unroll/core/kernels/tile_families.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/tile_reduction.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/reduce-inl.hpp"
#include "unroll/core/kernels/tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

// A Tree of reduce-inl.hpp, and what is done with each element.
struct RowSum : SumTree {
  template <class V>
  static HWY_INLINE V include(V total, V x) {
    return hn::Add(total, x);
  }
};
struct RowMax : MaximumTree {
  template <class V>
  static HWY_INLINE V include(V total, V x) {
    return MaximumOf(total, x);
  }
};
struct RowSumOfSquares : SumTree {
  template <class V>
  static HWY_INLINE V include(V total, V x) {
    return hn::MulAdd(x, x, total);
  }
};
struct RowSumOfProducts : SumTree {
  template <class V>
  static HWY_INLINE V include(V total, V x, V y) {
    return hn::MulAdd(x, y, total);
  }
};
struct RowSumOfSquaredDifferences : SumTree {
  template <class V>
  static HWY_INLINE V include(V total, V x, V y) {
    const V difference = hn::Sub(x, y);
    return hn::MulAdd(difference, difference, total);
  }
};

/// The result of all lanes in every lane.
template <class Tree, class D, class V>
HWY_INLINE V CombineLanes([[maybe_unused]] D d, V v) {
  constexpr size_t lanes = hn::MaxLanes(D());
  if constexpr (lanes >= 2) v = Tree::combine(v, hn::Reverse2(d, v));
  if constexpr (lanes >= 4) v = Tree::combine(v, hn::Reverse4(d, v));
  if constexpr (lanes >= 8) v = Tree::combine(v, hn::Reverse8(d, v));
  if constexpr (lanes >= 16) v = Tree::combine(v, hn::Reverse(d, v));
  return v;
}

/// `rows` rows at once, whose chains overlap.
template <class Tree, int rows, class D, size_t... k, class T = hn::TFromD<D>>
HWY_INLINE void ReduceRows(D d, const TileInstruction<T>& instruction, const TileOperand<T>* registers, Index row,
                           Index columns, std::index_sequence<k...>) {
  constexpr Index lanes = hn::MaxLanes(D());
  hn::Vec<D> total[rows];
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) total[i] = hn::Set(d, Tree::template identity<T>());
  for (size_t part = 0, parts = instruction.parts; part < parts; ++part) {
    const TileOperand<T> x[] = {registers[instruction.in[k * parts + part]]...};
    const T* p[] = {x[k].p + row * x[k].row_stride...};
    Index left = columns;
    for (; left >= lanes; left -= lanes) {
      HWY_UNROLL(12)
      for (int i = 0; i < rows; ++i) total[i] = Tree::include(total[i], hn::LoadU(d, p[k] + i * x[k].row_stride)...);
      ((p[k] += x[k].block_stride), ...);
    }
    if (left > 0) {
      const auto mask = hn::FirstN(d, size_t(left));
      HWY_UNROLL(12)
      for (int i = 0; i < rows; ++i) {
        const auto more = Tree::include(total[i], hn::LoadU(d, p[k] + i * x[k].row_stride)...);
        total[i] = hn::IfThenElse(mask, more, total[i]);
      }
    }
  }
  T* const y = registers[instruction.out].p + row * lanes;
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) hn::StoreU(CombineLanes<Tree>(d, total[i]), d, y + i * lanes);
}

template <class Tree, TileOp op, class D, class T = hn::TFromD<D>>
void Reduction(const TileInstruction<T>& instruction, const TileOperand<T>* registers, Index, Index rows,
               Index columns) {
  constexpr D d;
  constexpr auto operands = std::make_index_sequence<operand_count(op)>();
  Index row = 0;
  for (; row + 4 <= rows; row += 4) ReduceRows<Tree, 4>(d, instruction, registers, row, columns, operands);
  for (; row < rows; ++row) ReduceRows<Tree, 1>(d, instruction, registers, row, columns, operands);
}

#define UNROLL_REDUCTION_TILE(T, op, Tree) \
  TileEntry<T> { TileOp::op, #op, &Reduction<Tree, TileOp::op, TileTag<T>>, &Reduction<Tree, TileOp::op, NarrowTag<T>> }
#define UNROLL_TILES(T)                                                                 \
  UNROLL_REDUCTION_TILE(T, row_sum, RowSum), UNROLL_REDUCTION_TILE(T, row_max, RowMax), \
      UNROLL_REDUCTION_TILE(T, row_sum_of_squares, RowSumOfSquares),                    \
      UNROLL_REDUCTION_TILE(T, row_sum_of_products, RowSumOfProducts),                  \
      UNROLL_REDUCTION_TILE(T, row_sum_of_squared_differences, RowSumOfSquaredDifferences)
UNROLL_TILE_FAMILY(reduction, UNROLL_TILES)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_TILE_FAMILY_DISPATCH(reduction)
}  // namespace unroll::kernels
#endif
