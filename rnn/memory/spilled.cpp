#include "unroll/rnn/memory/spilled.hpp"

#include <algorithm>
#include <cmath>

namespace unroll::memory {
Index SpillPlan::spilled_before(Index chunk) const {
  return static_cast<Index>(std::floor(static_cast<double>(chunk) * spilled));
}

Index SpillPlan::longest_replay() const {
  return spilled >= 1 ? 0 : static_cast<Index>(std::ceil(1 / spilled)) - (spilled > 0.5 ? 1 : 0);
}

Index SpillPlan::states(Index chunks) const {
  Index files = spilled_before(chunks);
  return spilled >= 1 ? 0 : std::min(files, chunks - files) + 1;
}

Index SpillPlan::state_number(Index chunk) const {
  Index files = spilled_before(chunk);
  return spilled > 0.5 ? chunk - files : files;
}

std::size_t Spilled::bytes(const ChunkSizes& sizes, const SpillPlan& plan) {
  return SpillFile::page + static_cast<std::size_t>(plan.blocks) * SpillFile::whole_pages(sizes.most_kept) +
         static_cast<std::size_t>(plan.states(sizes.count)) * aligned(sizes.state);
}

Spilled::Spilled(const ChunkSizes& sizes, const SpillPlan& plan, const std::string& directory)
    : chunks_(sizes.count),
      plan_(plan),
      kept_(SpillFile::whole_pages(sizes.most_kept)),
      state_(aligned(sizes.state)),
      memory_(bytes(sizes, plan)),
      first_(SpillFile::at_page(memory_.data())),
      directory_(directory),
      file_(directory, plan.spilled_before(sizes.count), kept_),
      blocks_(static_cast<std::size_t>(plan.blocks)) {}

std::byte* Spilled::state(Index chunk) const {
  return first_ + static_cast<std::size_t>(plan_.blocks) * kept_ +
         static_cast<std::size_t>(plan_.state_number(chunk)) * state_;
}

void Spilled::begin_forward() {
  backward_ = false;
  chunk_ = 0;
}

void Spilled::begin_backward() {
  if (backward_) {  // not the first one: what was in the blocks is gone
    file_.wait_for_all();
    blocks_.assign(blocks_.size(), {});
  }
  backward_ = true;
  chunk_ = replay_ = ahead_ = chunks_;
}

bool Spilled::next_step(Step& step) { return backward_ ? next_backward(step) : next_forward(step); }

bool Spilled::next_forward(Step& step) {
  if (chunk_ > 0 && plan_.spills(chunk_ - 1)) file_.write(plan_.spilled_before(chunk_ - 1), data(chunk_ - 1));
  if (chunk_ == chunks_) return false;
  step = {.direction = Step::Direction::forward, .chunk = chunk_};
  if (plan_.spills(chunk_) || chunk_ >= chunks_ - plan_.blocks) {
    wait_until_free(block(chunk_));
    step.kept = data(chunk_);
    block(chunk_) = {chunk_, false};
  }
  if (begins_replay(chunk_) && chunk_ > 0) step.save = state(chunk_);
  ++chunk_;
  return true;
}

// The block may still be on its way to the file, with the data of another chunk.
void Spilled::wait_until_free(const Block& block) {
  if (block.chunk >= 0 && plan_.spills(block.chunk)) file_.wait(plan_.spilled_before(block.chunk));
}

void Spilled::read_ahead() {
  while (ahead_ > 0 && ahead_ > chunk_ - plan_.blocks) {
    Index c = --ahead_;
    if (block(c).chunk == c || !plan_.spills(c)) continue;
    file_.read(plan_.spilled_before(c), data(c));
    block(c) = {c, true};
  }
}

bool Spilled::next_backward(Step& step) {
  read_ahead();
  if (chunk_ == 0) {
    file_.check();
    return false;
  }
  Index c = chunk_ - 1;
  if (replay_ > c && block(c).chunk != c) {
    replay_ = c;
    while (!begins_replay(replay_)) --replay_;
    if (replay_ > 0) load_ = state(replay_);
  }
  if (replay_ <= c) {
    step = {.direction = Step::Direction::forward, .chunk = replay_, .kept = data(replay_), .load = load_};
    load_ = nullptr;
    wait_until_free(block(replay_));
    block(replay_) = {replay_, false};
    if (++replay_ > c) replay_ = chunks_;
    return true;
  }
  if (block(c).was_read) file_.wait(plan_.spilled_before(c));
  step = {.direction = Step::Direction::backward, .chunk = c, .kept = data(c)};
  chunk_ = c;
  return true;
}

}  // namespace unroll::memory
