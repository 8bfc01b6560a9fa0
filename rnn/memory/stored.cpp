#include "unroll/rnn/memory/stored.hpp"

namespace unroll::memory {

std::size_t Stored::bytes(const ChunkSizes& sizes) {
  std::size_t bytes = 0;
  for (Index c = 0; c < sizes.count; ++c) bytes += aligned(sizes.kept(c));
  return bytes;
}

Stored::Stored(ChunkSizes sizes) : sizes_(std::move(sizes)), memory_(bytes(sizes_)) {}

void Stored::begin_forward() {
  direction_ = Step::Direction::forward;
  chunk_ = 0;
  at_ = memory_.data();
}

void Stored::begin_backward() {
  direction_ = Step::Direction::backward;
  chunk_ = sizes_.count;
  at_ = memory_.data() + memory_.size();
}

bool Stored::next_step(Step& step) {
  bool forward = direction_ == Step::Direction::forward;
  if (chunk_ == (forward ? sizes_.count : 0)) return false;
  step = {.direction = direction_, .chunk = forward ? chunk_ : chunk_ - 1};
  std::size_t size = aligned(sizes_.kept(step.chunk));
  step.kept = forward ? at_ : at_ - size;
  at_ += forward ? static_cast<std::ptrdiff_t>(size) : -static_cast<std::ptrdiff_t>(size);
  chunk_ += forward ? 1 : -1;
  if (memory_.size() >= leaves_caches && chunk_ > 0 && chunk_ < sizes_.count)
    step.next_kept = forward ? at_ : at_ - aligned(sizes_.kept(chunk_ - 1));
  return true;
}

}  // namespace unroll::memory
