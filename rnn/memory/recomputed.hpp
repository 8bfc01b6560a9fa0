#pragma once
// Recomputed: some states stay in memory; what backward needs is computed again from them, segment after segment.
#include <vector>

#include "unroll/rnn/memory/checkpoints.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll::memory {

class Recomputed final : public Store {
 public:
  Recomputed(const ChunkSizes& sizes, const Checkpoints& checkpoints);
  static std::size_t bytes(const ChunkSizes& sizes, const Checkpoints& checkpoints);
  std::size_t bytes() const override { return memory_.size(); }
  bool keeps_all() const override { return false; }
  bool replays() const override { return true; }
  void begin_forward() override;
  void begin_backward() override;
  bool next_step(Step& step) override;

 private:
  /// Chunks begin, ..., end - 1 that have still to be taken back.
  struct Range {
    Index begin, end;
    Index slot;    // of the state before `begin`; -1: none is held
    Index taken;   // the next chunk to take forward
    Index target;  // where that ends
    bool fresh;    // the state before `begin` is the executor's present one, and not held yet
    bool keeps;    // on the way to `target`
  };
  void restart();
  void push(Index begin, Index end, bool fresh);
  void aim(Range& range);
  bool forward(Range& range, Step& step);
  std::byte* block(Index k) { return memory_.data() + static_cast<std::size_t>(k) * kept_; }
  std::byte* soon(Index k) { return static_cast<std::size_t>(blocks_) * kept_ >= leaves_caches ? block(k) : nullptr; }
  std::byte* state(Index k) { return block(blocks_) + static_cast<std::size_t>(k) * state_; }

  Index chunks_, blocks_, states_;
  std::size_t kept_, state_;
  Memory memory_;
  std::vector<Range> ranges_;  // each follows the one before
  Index held_ = 0;             // states
  bool backward_ = false;
};

}  // namespace unroll::memory
