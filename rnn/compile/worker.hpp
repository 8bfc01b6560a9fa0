#pragma once
// Worker: one thread's part in running a pass. It owns some groups of rows, which it takes through the loops from the
// first step to the last. Between loops it works on the same rows, if its groups are a part of the chunk, and the
// workers need not meet; otherwise the rows of the chunk are shared evenly.
#include <algorithm>
#include <array>
#include <limits>

#include "unroll/core/thread_team.hpp"
#include "unroll/rnn/compile/executor.hpp"

namespace unroll::compile {

/// The stages that a worker runs: all, or those of thread `number` of a wavefront.
struct WorkerStages {
  int first = 0, last = std::numeric_limits<int>::max();
  int number = 0, threads = 1;
  WorkerStages() = default;
  WorkerStages(const Wavefront& wavefront, int k)
      : first(wavefront.cuts[static_cast<std::size_t>(k)]),
        last(wavefront.cuts[static_cast<std::size_t>(k) + 1]),
        number(k),
        threads(wavefront.threads()) {}
  bool has(int stage) const { return stage >= first && stage < last; }
  bool are_first() const { return number == 0; }
  bool are_last() const { return number == threads - 1; }
};

template <class T>
class Worker {
 public:
  /// In a wavefront the team is the worker alone.
  Worker(Executor<T>& executor, const SequenceCall& call, const Pass& pass,
         const typename Executor<T>::Compiled& compiled, int index, Team& team, const WorkerStages& stages);

 protected:
  using Place = typename Executor<T>::Place;

  /// Rows [first, last) of a step, or of a chunk.
  struct Rows {
    Index first, last;
    Index count() const { return last - first; }
  };
  /// The rows of a part that a worker works on at one step.
  struct StepRows {
    Index first, count;  // in buffers of a step
    Index row, lead;     // in those of a chunk, and what to add in those of states
    Index of_part;       // how many the part has at this step
  };

  void pack();
  /// Calls f(kernels, stage) for its stages that have any.
  template <class F>
  void for_each_stage(F&& f) const {
    std::size_t last = std::min(pass_.stages.size(), static_cast<std::size_t>(stages_.last));
    for (auto stage = static_cast<std::size_t>(stages_.first); stage < last; ++stage)
      if (stage % 2 || !pass_.stages[stage].empty()) f(pass_.stages[stage], stage);
  }
  /// Turns to the chunk of a step of the store: sets the places of the buffers that are kept.
  void enter(const memory::Step& step);
  /// The store's next step, the same one for all threads; null: there is no more. Waits for the other workers, unless
  /// the store holds all and each has the same part of this chunk as of the last one.
  const memory::Step* next_step(memory::Store& store);
  bool is_apart(const Chunk& chunk) const { return chunk.parts > 1 && chunk.parts == threads_; }
  bool stays_apart(const Chunk& next) const;
  Rows my_rows(const Era& era) const { return {era.groups[first_group_], era.groups[last_group_]}; }
  /// Turns to so many steps of an era: decides whether the workers share their columns instead of their rows, and
  /// whether they are worth preparing.
  void enter(const Era& era, Index steps);
  /// The rows of the chunk that are this worker's between loops.
  Rows my_rows() const {
    if (!apart_) return {chunk_->rows * index_ / threads_, chunk_->rows * (index_ + 1) / threads_};
    const RowPart& part = layout_.parts(*chunk_)[static_cast<std::size_t>(index_)];
    return {part.first_row, part.first_row + part.rows};
  }
  /// Waits for the other workers, if they may have touched, or be going to touch, rows of this one.
  void meet() {
    if (!apart_) team_.barrier();
  }
  /// Calls f(part, its rows) for the parts that have rows among these.
  template <class F>
  void for_each_part(Rows rows, F&& f) const {
    for (const RowPart& part : layout_.parts(*chunk_)) {
      Rows piece{std::max(rows.first, part.first_row), std::min(rows.last, part.first_row + part.rows)};
      if (piece.count() > 0) f(part, piece);
    }
  }
  /// Calls f(part, first group, last group) for the parts that have groups of this worker's.
  template <class F>
  void for_each_part(F&& f) const {
    for (const RowPart& part : layout_.parts(*chunk_)) {
      int first = std::max(part.first_group, first_group_), last = std::min(part.last_group, last_group_);
      if (first < last) f(part, first, last);
    }
  }
  /// Calls f(e, begin, end) for the steps [begin, end) of the chunk that lie in era number e.
  template <class F>
  void for_each_era(F&& f) const {
    const CachedVector<Era>& eras = layout_.eras();
    for (std::size_t e = 0; e < eras.size(); ++e) {
      Index begin = std::max(eras[e].begin, chunk_->begin), end = std::min(eras[e].end, chunk_->end);
      if (begin < end) f(e, begin, end);
    }
  }
  /// Where the state after step t, the last one before an era or a chunk, of a group lies.
  Index state_row(const Chunk& chunk, const Era& era, Index t, int group) const {
    const RowPart& part = layout_.part_of(chunk, group);
    return part.lead + part.row(era, t) + era.groups[group] - era.groups[part.first_group];
  }

  /// One step of a loop, on this worker's rows; flip_ is not what it was at the step before.
  void run_step(const std::vector<Kernel>& kernels, const Era& era, Index t);
  /// A stage between loops, on this worker's share of the chunk.
  void run_chunk(const std::vector<Kernel>& kernels);

  /// The caller's rows, t * batch + row or row * time + t, of rows [first, last) of the chunk; null if they follow each
  /// other from `start` on.
  const Index* caller_rows(Rows rows, Index& start);
  /// Columns of a leaf to blocks, and back.
  void read(const Tensor& leaf, const Copy& copy, Index start, const Index* index, Index count, T* to, Index stride);
  void write(const T* from, Index stride, const Copy& copy, Index start, const Index* index, Index count, Tensor& leaf);
  /// This worker's share of the masks of the chunk.
  void make_masks();
  /// count rows of a matrix in blocks.
  void move(const T* from, Index from_stride, Index from_row, T* to, Index to_stride, Index to_row, Index width,
            Index count);

  Executor<T>& x_;
  const SequenceCall& call_;
  const Pass& pass_;
  const typename Executor<T>::Compiled& compiled_;
  const Plan& plan_;
  const RowLayout& layout_;
  int index_, threads_;
  WorkerStages stages_;
  std::size_t scratch_;  // which of the executor's memories by thread are this worker's
  Team& team_;
  Index lanes_;
  int first_group_, last_group_;
  const Chunk* chunk_ = nullptr;
  CachedVector<Place> places_;
  CachedVector<Place> second_;
  bool gathered_ = false;  // the state before the step is in second_
  bool flip_ = false;
  bool first_chunk_ = true;
  bool columns_ = false;               // the workers share columns
  bool prepares_ = false;              // the steps of this era
  std::array<bool, 2> is_prepared_{};  // those with flip_, and the others
  bool apart_ = false;                 // each worker has a part of the chunk
  std::size_t steps_taken_ = 0;

 private:
  struct At {
    T* p;
    Index stride;
    Index move = 0;  // to where it is two steps on
  };
  At in_step(Ref ref, const StepRows& rows) const;
  At in_chunk(Ref ref, Index row, Index lead) const;
  /// Of `parts` equal parts of the columns, part number `part`. Only prepared, if `into` is not null.
  template <class Locate>
  void product(const Product& product, Index rows, Index part, Index parts, Locate&& locate, PreparedStep<T>* into);
  template <class Locate>
  void program(int number, Index rows, Index part, Index parts, Locate&& locate, PreparedStep<T>* into);
  /// One of the two.
  template <class Locate>
  void run(const Kernel& kernel, Index rows, Index part, Index parts, Locate&& locate, PreparedStep<T>* into);
  /// Runs or prepares a step.
  void find_step(const std::vector<Kernel>& kernels, const Era& era, Index t, PreparedStep<T>* into);
  /// Calls f(step, the caller's row) for these rows of the chunk.
  template <class F>
  void for_each_row(Rows rows, F&& f) const;
  /// Calls f(row of the state before, row, count) for runs of rows of these steps of some groups of a part.
  template <class F>
  void for_each_run(const RowPart& part, int first_group, int last_group, std::size_t e, Index begin, Index end,
                    F&& f) const;
  void run_rows(const Kernel& kernel);
  bool is_state(Ref ref) const {
    return ref.kind == Ref::Kind::buffer && plan_.buffers[ref.index].place == Buffer::Place::state;
  }
  /// Whether a sum of this worker's rows alone is kept apart: then it need not meet the others.
  bool sums_apart(int number) const { return apart_ && threads_ == x_.halves(pass_.sums[number], layout_); }
  void sum(int number);
  /// This worker's part of the columns of a sum, or of its half of the groups, over all rows of the chunk.
  void sum_groups(int number, int half, int halves, int worker, int workers);
  bool reads_before(const Kernel& kernel) const;
  void look_ahead(const memory::Step& step);
  void fetch();

  const std::byte *ahead_ = nullptr, *ahead_end_ = nullptr;  // of the next chunk: what is still to be fetched
  std::ptrdiff_t ahead_bytes_ = 0;                           // at every step
  CachedVector<kernels::TileOperand<T>> registers_, tile_;
  CachedVector<kernels::MatmulTerm<T>> terms_;
  CachedVector<Index> moves_;  // of terms, or of registers
  CachedVector<kernels::RowRun> runs_;
};

extern template class Worker<float>;
extern template class Worker<double>;

}  // namespace unroll::compile
