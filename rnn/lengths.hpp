#pragma once
// sequence_length: its checks, and which rows are alive when.
#include "unroll/core/cached_vector.hpp"
#include "unroll/core/tensor.hpp"

namespace unroll {

/// Lengths of the rows of a batch.
class Lengths {
 public:
  /// `lengths` may be null: every row has `time` steps. Throws, in the name of `who`, TypeError unless it is int32 or
  /// int64, ValueError unless its shape is (batch,), InvalidArgumentError for a length outside of 0 .. time.
  Lengths(std::string_view who, const Tensor& lengths, Index batch, Index time);

  /// Steps that have to be computed: the longest length.
  Index longest() const { return longest_; }
  /// Before this step every row is alive.
  Index shortest() const { return shortest_; }
  /// Whether a row ends before `time`.
  bool ragged() const { return shortest_ < time_; }

  /// The length of every row.
  std::span<const Index> of_rows() const { return lengths_; }

  /// bool (batch, 1, 1, ...) of rank `rank`: which rows are alive at step t.
  Tensor alive(Index t, int rank) const;
  /// bool (time, batch, 1, ...) of rank `rank`.
  Tensor alive_at_all_times(int rank) const;

 private:
  CachedVector<Index> lengths_;
  Index time_, longest_, shortest_;
};

}  // namespace unroll
