#pragma once
// The loops behind NumPy's broadcasting.
#include <array>

#include "unroll/core/shape.hpp"

namespace unroll {

/// `N` operands broadcast to one shape, as runs of contiguous results. Dimensions that can be walked as one are merged,
/// so equal shapes, a scalar operand, or a row added to a matrix cost one run or one run a row.
template <int N>
class BroadcastRuns {
 public:
  BroadcastRuns(const Shape& result, const std::array<const Shape*, N>& operands) {
    std::array<Index, N> stride;
    stride.fill(1);
    for (int axis = result.rank() - 1; axis >= 0; --axis) {
      Index dim = result.begin()[axis];
      std::array<Index, N> step;
      for (int k = 0; k < N; ++k) {
        int at = axis - (result.rank() - operands[k]->rank());
        Index own = at < 0 ? 1 : operands[k]->begin()[at];
        step[k] = own == 1 ? 0 : stride[k];
        stride[k] *= own;
      }
      if (dim == 1) continue;
      bool mergeable = rank_ > 0;
      for (int k = 0; k < N && mergeable; ++k) mergeable = step[k] == steps_[rank_ - 1][k] * dims_[rank_ - 1];
      if (mergeable) {
        dims_[rank_ - 1] *= dim;
      } else {
        dims_[rank_] = dim;
        steps_[rank_++] = step;
      }
    }
    if (rank_ == 0) {  // one element
      dims_[0] = result.size();
      steps_[0].fill(1);
      rank_ = 1;
    }
    empty_ = result.size() == 0;
  }

  /// Calls f(offsets, steps, start, count) for each run: operand k begins at offsets[k] and advances by steps[k], 0 or
  /// 1; the results begin at `start`.
  template <class F>
  void for_each(F&& f) const {
    if (empty_) return;
    std::array<Index, N> offset{};
    std::array<Index, Shape::max_rank> count{};
    for (Index start = 0;; start += dims_[0]) {
      f(offset, steps_[0], start, dims_[0]);
      int axis = 1;
      for (; axis < rank_; ++axis) {
        for (int k = 0; k < N; ++k) offset[k] += steps_[axis][k];
        if (++count[axis] < dims_[axis]) break;
        for (int k = 0; k < N; ++k) offset[k] -= steps_[axis][k] * dims_[axis];
        count[axis] = 0;
      }
      if (axis == rank_) return;
    }
  }

 private:
  std::array<Index, Shape::max_rank> dims_{};  // innermost first
  std::array<std::array<Index, N>, Shape::max_rank> steps_{};
  int rank_ = 0;
  bool empty_ = false;
};

}  // namespace unroll
