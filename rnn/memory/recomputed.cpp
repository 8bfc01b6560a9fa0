#include "unroll/rnn/memory/recomputed.hpp"

namespace unroll::memory {

Recomputed::Recomputed(const ChunkSizes& sizes, const Checkpoints& checkpoints)
    : chunks_(sizes.count),
      blocks_(checkpoints.blocks),
      states_(checkpoints.states),
      kept_(aligned(sizes.most_kept)),
      state_(aligned(sizes.state)),
      memory_(bytes(sizes, checkpoints)) {}

std::size_t Recomputed::bytes(const ChunkSizes& sizes, const Checkpoints& c) {
  return static_cast<std::size_t>(c.blocks) * aligned(sizes.most_kept) +
         static_cast<std::size_t>(c.states) * aligned(sizes.state);
}

void Recomputed::restart() {
  ranges_.clear();
  held_ = 0;
  push(0, chunks_, true);
}

void Recomputed::begin_forward() {
  backward_ = false;
  restart();
}

void Recomputed::begin_backward() {
  if (backward_) restart();  // not the first one
  backward_ = true;
}

// A short range is taken back at once: it needs its first state only now.
void Recomputed::push(Index begin, Index end, bool fresh) {
  Index slot = begin > 0 && end - begin > blocks_ ? held_++ : -1;
  ranges_.push_back({begin, end, slot, begin, begin, fresh, false});
  aim(ranges_.back());
}

void Recomputed::aim(Range& r) {
  Index segments = (r.end - r.begin + blocks_ - 1) / blocks_, states = states_ - held_;
  r.taken = r.begin;
  r.keeps = segments <= 1;
  r.target = r.keeps ? r.end : r.end - (segments - (states ? best_advance(segments, states) : segments - 1)) * blocks_;
}

bool Recomputed::forward(Range& r, Step& step) {
  if (r.taken == r.target) return false;
  step = {.direction = Step::Direction::forward, .chunk = r.taken};
  if (r.keeps) {
    step.kept = block(r.taken - r.begin);
    if (r.taken + 1 < r.end) step.next_kept = soon(r.taken + 1 - r.begin);
  }
  if (r.taken == r.begin && r.slot >= 0) {
    if (r.fresh)
      step.save = state(r.slot);
    else
      step.load = state(r.slot);
  }
  r.fresh = false;
  ++r.taken;
  return true;
}

bool Recomputed::next_step(Step& step) {
  while (!ranges_.empty()) {
    Range& r = ranges_.back();
    if (forward(r, step)) return true;
    if (!r.keeps) {
      push(r.target, r.end, true);
      continue;
    }
    if (!backward_) return false;  // the last chunks are kept
    if (r.end > r.begin) {
      --r.end;
      step = {.direction = Step::Direction::backward, .chunk = r.end, .kept = block(r.end - r.begin)};
      if (r.end > r.begin) step.next_kept = soon(r.end - r.begin - 1);
      return true;
    }
    Index begin = r.begin;
    if (r.slot >= 0) --held_;
    ranges_.pop_back();
    if (ranges_.empty()) break;
    ranges_.back().end = begin;
    aim(ranges_.back());
  }
  return false;
}

}  // namespace unroll::memory
