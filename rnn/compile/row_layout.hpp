#pragma once
// RowLayout: where the rows of a ragged batch lie. Time-major and packed: a step has the rows that are alive at it, and
// those alone. Rows are dealt to a few groups, each sorted by length, so that a thread that owns some groups owns a run
// of rows at every step; the groups do not depend on the number of threads.
#include <span>

#include "unroll/rnn/lengths.hpp"

namespace unroll::compile {

/// Steps begin, ..., end - 1, during which the same rows are alive.
struct Era {
  Index begin, end;
  Index rows;
  Index first_row;             // of step `begin`, counted over all steps
  CachedVector<Index> groups;  // first row of each group within a step, and `rows` at the end
  CachedVector<Index> before;  // by group, and one past the last: rows of the groups before it, in all steps before
  CachedVector<Index> places;  // by group: where its rows are in the buffers of a step
  int parts;                   // that its groups make up
};

/// Some groups in all steps of a chunk. Their rows follow each other, step by step.
struct RowPart {
  int first_group, last_group;
  Index first_row, rows;  // in the buffers of the chunk
  Index before;           // rows of its groups in all steps before the chunk
  Index lead;             // of step `begin`: rows of its groups and those before
  Index rows_of(const Era& era) const { return era.groups[last_group] - era.groups[first_group]; }
  /// Where its rows of step t of an era are.
  Index row(const Era& era, Index t) const {
    return first_row + era.before[last_group] - era.before[first_group] - before + (t - era.begin) * rows_of(era);
  }
};

/// Steps that are worked on together.
struct Chunk {
  Index begin, end;
  Index first_row, rows;
  Index lead;  // rows of step `begin`
  Index first_part;
  int parts;
};

/// Into how many parts the groups of a step are parted, if it has at least `fewest_rows` rows.
struct Parting {
  int parts = 1;
  Index fewest_rows = 0;
};

/// How long chunks are: `steps`, or, with few rows, as long as they have no more than `rows`, up to `most_steps`.
struct Window {
  Index steps;
  Index most_steps = 0, rows = 0;
};

class RowLayout {
 public:
  /// Lengths in a tensor (batch,), or null: `time` steps each. No chunk has more than `most_rows` rows, unless one step
  /// has, nor steps that are parted and others that are not. In the buffers of a step a part begins at the same row at
  /// all steps.
  void assign(const Lengths& lengths, Index batch, Index most_rows, const Window& window, const Parting& parting = {});

  Index batch() const { return static_cast<Index>(order_.size()); }
  Index steps() const { return steps_; }
  Index rows() const { return rows_; }
  Index most_rows() const { return eras_.empty() ? 0 : eras_[0].rows; }
  Index largest_chunk() const { return largest_chunk_; }
  int groups() const { return static_cast<int>(group_begin_.size()) - 1; }
  const CachedVector<Era>& eras() const { return eras_; }
  const CachedVector<Chunk>& chunks() const { return chunks_; }
  std::span<const RowPart> parts(const Chunk& chunk) const {
    return {&parts_[chunk.first_part], static_cast<std::size_t>(chunk.parts)};
  }
  const RowPart& part_of(const Chunk& chunk, int group) const {
    const RowPart* part = &parts_[chunk.first_part];
    while (part->last_group <= group) ++part;
    return *part;
  }
  /// The caller's row that is row k of a group: those of a group follow each other, longest first.
  Index caller_row(int group, Index k) const { return order_[group_begin_[group] + k]; }
  /// The caller's rows of some groups' rows of a step of an era.
  void caller_rows(const Era& era, int first_group, int last_group, Index* rows) const;
  /// Rows that never are alive.
  CachedVector<Index> empty_rows() const;
  Index length(Index caller_row) const { return lengths_[caller_row]; }

 private:
  CachedVector<Index> lengths_, order_, group_begin_;
  CachedVector<Era> eras_;
  CachedVector<Chunk> chunks_;
  CachedVector<RowPart> parts_;
  Index steps_ = 0, rows_ = 0, largest_chunk_ = 0;

  void add_parts(Chunk& chunk, const Era& era);
};

}  // namespace unroll::compile
