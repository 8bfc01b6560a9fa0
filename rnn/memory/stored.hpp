#pragma once
// Stored: all chunks' data stay in memory.
#include "unroll/rnn/memory/store.hpp"

namespace unroll::memory {

class Stored final : public Store {
 public:
  explicit Stored(ChunkSizes sizes);
  static std::size_t bytes(const ChunkSizes& sizes);
  std::size_t bytes() const override { return memory_.size(); }
  bool keeps_all() const override { return true; }
  bool holds_all() const override { return true; }
  bool replays() const override { return false; }
  void begin_forward() override;
  void begin_backward() override;
  bool next_step(Step& step) override;

 private:
  ChunkSizes sizes_;
  Memory memory_;
  Step::Direction direction_ = Step::Direction::forward;
  Index chunk_ = 0;  // forward: the next; backward: the last
  std::byte* at_ = nullptr;
};

}  // namespace unroll::memory
