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

/// Adds products of two operands.
struct RowSumOfProducts : SumTree {
  template <class V>
  static HWY_INLINE V include(V total, V x, V y) {
    return hn::MulAdd(x, y, total);
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
template <class Tree, int rows, class D, class T = hn::TFromD<D>>
HWY_INLINE void ReduceRows(D d, const TileOperand<T>& x, const T* p, Index columns, T* y) {
  constexpr Index lanes = hn::MaxLanes(D());
  const auto identity = hn::Set(d, Tree::template identity<T>());
  hn::Vec<D> total[rows];
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) total[i] = identity;
  Index left = columns;
  for (; left >= lanes; left -= lanes, p += x.block_stride) {
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i) total[i] = Tree::include(total[i], hn::LoadU(d, p + i * x.row_stride));
  }
  if (left > 0) {
    const auto mask = hn::FirstN(d, size_t(left));
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i) {
      const auto last = hn::IfThenElse(mask, hn::LoadU(d, p + i * x.row_stride), identity);
      total[i] = Tree::include(total[i], last);
    }
  }
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) hn::StoreU(CombineLanes<Tree>(d, total[i]), d, y + i * lanes);
}

/// The same of the products of two operands.
template <class Tree, int rows, class D, class T = hn::TFromD<D>>
HWY_INLINE void ReduceProducts(D d, const TileOperand<T>& x, const TileOperand<T>& z, Index row, Index columns, T* y) {
  constexpr Index lanes = hn::MaxLanes(D());
  const T *p = x.p + row * x.row_stride, *q = z.p + row * z.row_stride;
  hn::Vec<D> total[rows];
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) total[i] = hn::Zero(d);
  Index left = columns;
  for (; left >= lanes; left -= lanes, p += x.block_stride, q += z.block_stride) {
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i)
      total[i] = Tree::include(total[i], hn::LoadU(d, p + i * x.row_stride), hn::LoadU(d, q + i * z.row_stride));
  }
  if (left > 0) {
    const auto mask = hn::FirstN(d, size_t(left));
    HWY_UNROLL(12)
    for (int i = 0; i < rows; ++i)
      total[i] = Tree::include(total[i], hn::IfThenElseZero(mask, hn::LoadU(d, p + i * x.row_stride)),
                               hn::IfThenElseZero(mask, hn::LoadU(d, q + i * z.row_stride)));
  }
  HWY_UNROLL(12)
  for (int i = 0; i < rows; ++i) hn::StoreU(CombineLanes<Tree>(d, total[i]), d, y + i * lanes);
}

template <class Tree, class D, class T = hn::TFromD<D>>
void ProductReduction(const TileInstruction<T>& instruction, const TileOperand<T>* registers, Index, Index rows,
                      Index columns) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D());
  const TileOperand<T> x = registers[instruction.in[0]], z = registers[instruction.in[1]];
  T* const y = registers[instruction.out].p;
  Index row = 0;
  for (; row + 4 <= rows; row += 4) ReduceProducts<Tree, 4>(d, x, z, row, columns, y + row * lanes);
  for (; row < rows; ++row) ReduceProducts<Tree, 1>(d, x, z, row, columns, y + row * lanes);
}

template <class Tree, class D, class T = hn::TFromD<D>>
void Reduction(const TileInstruction<T>& instruction, const TileOperand<T>* registers, Index, Index rows,
               Index columns) {
  constexpr D d;
  constexpr Index lanes = hn::MaxLanes(D());
  const TileOperand<T> x = registers[instruction.in[0]];
  T* const y = registers[instruction.out].p;
  Index row = 0;
  for (; row + 4 <= rows; row += 4) ReduceRows<Tree, 4>(d, x, x.p + row * x.row_stride, columns, y + row * lanes);
  for (; row < rows; ++row) ReduceRows<Tree, 1>(d, x, x.p + row * x.row_stride, columns, y + row * lanes);
}

#define UNROLL_REDUCTION_TILE(T, op, Tree) \
  TileEntry<T> { TileOp::op, #op, &Reduction<Tree, TileTag<T>>, &Reduction<Tree, NarrowTag<T>> }
#define UNROLL_TILES(T)                                                                                  \
  UNROLL_REDUCTION_TILE(T, row_sum, RowSum), UNROLL_REDUCTION_TILE(T, row_max, RowMax),                  \
      UNROLL_REDUCTION_TILE(T, row_sum_of_squares, RowSumOfSquares), TileEntry<T> {                      \
    TileOp::row_sum_of_products, "row_sum_of_products", &ProductReduction<RowSumOfProducts, TileTag<T>>, \
        &ProductReduction<RowSumOfProducts, NarrowTag<T>>                                                \
  }
UNROLL_TILE_FAMILY(reduction, UNROLL_TILES)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_TILE_FAMILY_DISPATCH(reduction)
}  // namespace unroll::kernels
#endif
