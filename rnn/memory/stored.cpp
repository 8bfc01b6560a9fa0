#include "unroll/rnn/memory/stored.hpp"

namespace unroll::memory {

Stored::Stored(ChunkSizes sizes) : sizes_(std::move(sizes)) {
  for (Index c = 0; c < sizes_.count; ++c) bytes_ += aligned(sizes_.kept(c));
}

void Stored::start_forward(std::byte* memory) {
  direction_ = Step::Direction::forward;
  chunk_ = 0;
  at_ = memory;
}

void Stored::start_backward(std::byte* memory) {
  direction_ = Step::Direction::backward;
  chunk_ = sizes_.count;
  at_ = memory + bytes_;
}

bool Stored::next(Step& step) {
  bool forward = direction_ == Step::Direction::forward;
  if (chunk_ == (forward ? sizes_.count : 0)) return false;
  step = {.direction = direction_, .chunk = forward ? chunk_ : chunk_ - 1};
  std::size_t size = aligned(sizes_.kept(step.chunk));
  step.kept = forward ? at_ : at_ - size;
  at_ += forward ? static_cast<std::ptrdiff_t>(size) : -static_cast<std::ptrdiff_t>(size);
  chunk_ += forward ? 1 : -1;
  return true;
}

}  // namespace unroll::memory
