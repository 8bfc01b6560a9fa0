#pragma once
// Spilled: what backward needs goes to a file while forward goes on, and is read ahead in backward. Where the file
// system is slower than the computation, some chunks are computed again instead.
#include <memory>
#include <string>
#include <vector>

#include "unroll/rnn/memory/spill_file.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll::memory {

struct SpillPlan {
  Index blocks = 2;    // chunks whose data are in memory at once
  double spilled = 1;  // share of the chunks that go to the file, spread evenly; above 0

  Index spilled_before(Index chunk) const;
  bool spills(Index chunk) const { return spilled_before(chunk + 1) > spilled_before(chunk); }
  /// How many chunks that follow each other are computed again, at most.
  Index longest_replay() const;
  /// How many states are held for that, and which of them is the one before a chunk.
  Index states(Index chunks) const;
  Index state_number(Index chunk) const;
};

class Spilled final : public Store {
 public:
  /// plan.blocks is at least 2 and plan.longest_replay(). Throws as SpillFile's constructor.
  Spilled(const ChunkSizes& sizes, const SpillPlan& plan, const std::string& directory);
  /// Notes what the disk has come to.
  ~Spilled() override { note_disk(directory_, file_.rates()); }
  static std::size_t bytes(const ChunkSizes& sizes, const SpillPlan& plan);
  std::size_t bytes() const override { return memory_.size(); }
  bool keeps_all() const override { return plan_.spilled >= 1; }
  bool replays() const override { return !keeps_all(); }
  double spilled() const override { return plan_.spilled; }
  void begin_forward() override;
  void begin_backward() override;
  /// Throws what SpillFile::wait does.
  bool next_step(Step& step) override;
  double waited() const override { return file_.waited(); }

 private:
  struct Block {
    Index chunk = -1;  // whose data it has, or will have when file_ is done
    bool was_read = false;
  };
  bool next_forward(Step& step);
  bool next_backward(Step& step);
  void read_ahead();
  void wait_until_free(const Block& block);
  bool begins_replay(Index c) const { return !plan_.spills(c) && (c == 0 || plan_.spills(c - 1)); }
  std::byte* state(Index chunk) const;
  std::byte* data(Index chunk) const { return first_ + static_cast<std::size_t>(chunk % plan_.blocks) * kept_; }
  Block& block(Index chunk) { return blocks_[static_cast<std::size_t>(chunk % plan_.blocks)]; }

  Index chunks_;
  SpillPlan plan_;
  std::size_t kept_, state_;
  Memory memory_;
  std::byte* first_;
  std::string directory_;
  SpillFile file_;  // after memory_: its thread ends first
  std::vector<Block> blocks_;
  bool backward_ = false;
  Index chunk_ = 0;   // forward: the next; backward: after it all are taken back
  Index replay_ = 0;  // backward: the next to take forward; chunks_: none
  Index ahead_ = 0;   // backward: from it on all have been asked for
  const std::byte* load_ = nullptr;
};

}  // namespace unroll::memory
