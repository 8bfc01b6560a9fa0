#pragma once
// Stored: all chunks' data stay in memory.
#include "unroll/rnn/memory/store.hpp"

namespace unroll::memory {

class Stored final : public Store {
 public:
  explicit Stored(ChunkSizes sizes);
  std::size_t bytes() const override { return bytes_; }
  bool keeps_all() const override { return true; }
  bool replays() const override { return false; }
  void start_forward(std::byte* memory) override;
  void start_backward(std::byte* memory) override;
  bool next(Step& step) override;

 private:
  ChunkSizes sizes_;
  std::size_t bytes_ = 0;
  Step::Direction direction_ = Step::Direction::forward;
  Index chunk_ = 0;  // forward: the next; backward: the last
  std::byte* at_ = nullptr;
};

}  // namespace unroll::memory
