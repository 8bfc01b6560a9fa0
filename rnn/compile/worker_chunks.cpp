// Worker: from chunk to chunk.
#include <algorithm>

#include "unroll/rnn/compile/worker.hpp"

namespace unroll::compile {

constexpr Index line = 64;  // bytes of the caches'

template <class T>
void Worker<T>::enter(const memory::Step& step) {
  const Chunk& chunk = layout_.chunks()[static_cast<std::size_t>(step.chunk)];
  chunk_ = &chunk;
  apart_ = is_apart(chunk);
  look_ahead(step);
  places_ = x_.places_;
  if (Index slot = step.chunk % stages_.threads; slot > 0)
    for (std::size_t k = 0; k < places_.size(); ++k)
      if (places_[k].p && plan_.buffers[k].place != Buffer::Place::gradient) places_[k].p += slot * x_.slot_size_;
  if (!step.kept) return;
  T* at = static_cast<T*>(step.kept);
  for (std::size_t k = 0; k < places_.size(); ++k) {
    const Buffer& b = plan_.buffers[k];
    if (!x_.is_kept(b)) continue;
    Index stride = x_.stride(x_.rows_of(b, chunk));
    places_[k] = {at, stride};
    at += x_.blocks(b.width) * stride;
  }
}

// What is kept lies in so many places at once that no processor foresees what a small step touches; chunk by chunk it
// lies in one piece.
template <class T>
void Worker<T>::look_ahead(const memory::Step& step) {
  ahead_ = ahead_end_ = nullptr;
  if (!step.next_kept || !stages_.are_first()) return;
  Index next = step.direction == memory::Step::Direction::forward ? step.chunk + 1 : step.chunk - 1;
  Index lines = x_.kept_size(layout_.chunks()[static_cast<std::size_t>(next)]) * static_cast<Index>(sizeof(T)) / line;
  constexpr Index large = 128;
  if (lines >= large * (chunk_->end - chunk_->begin)) return;
  const auto* all = static_cast<const std::byte*>(step.next_kept);
  ahead_ = all + lines * index_ / threads_ * line;
  ahead_end_ = all + lines * (index_ + 1) / threads_ * line;
  ahead_bytes_ = (lines / threads_ / (chunk_->end - chunk_->begin) + 1) * line;
}

template <class T>
void Worker<T>::fetch() {
  const std::byte* end = ahead_ + std::min(ahead_bytes_, ahead_end_ - ahead_);
  for (; ahead_ != end; ahead_ += line) __builtin_prefetch(ahead_, 0, 2);
}

template <class T>
bool Worker<T>::stays_apart(const Chunk& next) const {
  if (!apart_ || !is_apart(next)) return false;
  std::span<const RowPart> a = layout_.parts(*chunk_), b = layout_.parts(next);
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](auto& p, auto& q) { return p.first_row == q.first_row && p.lead == q.lead; });
}

template <class T>
const memory::Step* Worker<T>::next_step(memory::Store& store) {
  if (store.holds_all()) {
    if (steps_taken_ == x_.steps_.size()) return nullptr;
    const memory::Step& step = x_.steps_[steps_taken_++];
    if (!stays_apart(layout_.chunks()[static_cast<std::size_t>(step.chunk)])) team_.barrier();
    return &step;
  }
  team_.barrier();
  if (index_ == 0) x_.any_step_ = store.next(x_.step_);
  team_.barrier();
  return x_.any_step_ ? &x_.step_ : nullptr;
}

template class Worker<float>;
template class Worker<double>;

}  // namespace unroll::compile
