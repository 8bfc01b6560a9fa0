#include "unroll/rnn/compile/backward_worker.hpp"

#include <algorithm>
#include <functional>
#include <optional>

namespace unroll::compile {

template <class T>
void BackwardWorker<T>::run(ForwardWorker<T>* replay) {
  this->pack();
  start_results();
  if (replay) replay->start();
  while (const memory::Step* step = this->next_step(backward_.store))
    step->direction == memory::Step::Direction::backward ? take(*step) : replay->take(*step);
  first_states();
  assemble();
}

template <class T>
void BackwardWorker<T>::run(const Wavefront& wavefront, Executor<T>& executor, const BackwardCall& call, int index,
                            Team& team) {
  BackwardWorker all(executor, call, index, team);
  all.pack();
  all.start_results();
  Team alone;
  std::optional<BackwardWorker> worker;
  if (index < wavefront.threads()) worker.emplace(executor, call, 0, alone, WorkerStages(wavefront, index));
  run_wavefront(wavefront.threads(), executor.steps_, index, team,
                [&](const memory::Step& step) { worker->take(step); });
  if (worker) worker->first_states();
  all.assemble();
}

template <class T>
void BackwardWorker<T>::take(const memory::Step& step) {
  this->enter(step);
  if (this->stages_.are_first()) {
    copy_in();
    this->make_masks();
  }
  this->meet();
  this->for_each_stage([&](const std::vector<Kernel>& kernels, std::size_t stage) {
    stage % 2 ? loop(kernels, stage) : this->run_chunk(kernels);
  });
  this->meet();
  if (this->stages_.are_last()) copy_out();
  this->first_chunk_ = false;
}

template <class T>
void BackwardWorker<T>::start_results() {
  const RowLayout& layout = this->layout_;
  if (this->index_ == 0) {
    if (layout.rows() < layout.batch() * backward_.time)
      for (Tensor& dx : backward_.input_gradients)
        if (dx) std::fill_n(dx.mutable_data<T>(), dx.size(), T{0});
    for (std::size_t k = 0; k < backward_.state_gradients.size(); ++k) {
      Tensor& ds = backward_.state_gradients[k];
      if (!ds || layout.batch() == 0) continue;
      const Tensor& given = backward_.final_gradients[k];
      Index width = ds.size() / layout.batch();
      for (Index row : layout.empty_rows()) {
        T* to = ds.mutable_data<T>() + row * width;
        if (given)
          std::copy_n(given.data<T>() + row * width, width, to);
        else
          std::fill_n(to, width, T{0});
      }
    }
  }
  this->team_.barrier();
}

template <class T>
void BackwardWorker<T>::copy_in() {
  auto rows = this->my_rows();
  if (rows.count() == 0) return;
  Index start;
  const Index* index = this->caller_rows(rows, start);
  auto read = [&](const std::vector<Copy>& copies, std::span<const Tensor> leaves) {
    for (const Copy& copy : copies) {
      auto& place = this->places_[copy.ref.index];
      T* to = place.p + rows.first * this->lanes_;
      if (leaves[copy.leaf])
        this->read(leaves[copy.leaf], copy, start, index, rows.count(), to, place.stride);
      else
        for (Index b = 0; b < this->x_.blocks(copy.width); ++b)
          std::fill_n(to + b * place.stride, rows.count() * this->lanes_, T{0});
    }
  };
  read(this->pass_.in, backward_.inputs);
  read(this->pass_.gradients_in, backward_.output_gradients);
}

// The gradients of the state after the last step of an era: of rows that go on, from the step after it; of others, of
// their final state.
template <class T>
void BackwardWorker<T>::take_over(const Era& era, const Era* next, std::size_t stage) {
  std::vector<Index>& index = this->x_.row_index_[this->scratch_];
  for (const Copy& copy : this->pass_.states) {
    if (copy.stage != static_cast<int>(stage)) continue;
    auto *from = &this->places_[copy.ref.index], *to = &this->second_[copy.ref.index];
    if (this->flip_) std::swap(from, to);
    const Tensor& given = backward_.final_gradients[copy.leaf];
    for (int g = this->first_group_; g < this->last_group_; ++g) {
      Index alive = era.groups[g + 1] - era.groups[g], stay = next ? next->groups[g + 1] - next->groups[g] : 0;
      if (stay) this->move(from->p, from->stride, next->places[g], to->p, to->stride, era.places[g], copy.width, stay);
      T* ends = to->p + (era.places[g] + stay) * this->lanes_;
      if (given) {
        for (Index k = stay; k < alive; ++k) index[k - stay] = this->layout_.caller_row(g, k);
        this->read(given, copy, 0, index.data(), alive - stay, ends, to->stride);
      } else {
        for (Index b = 0; b < this->x_.blocks(copy.width); ++b)
          std::fill_n(ends + b * to->stride, (alive - stay) * this->lanes_, T{0});
      }
    }
  }
  this->flip_ = !this->flip_;
}

// The states before the first step of an era, without the rows that had ended.
template <class T>
void BackwardWorker<T>::gather_states(const Era& last, const Era& era, Index t) {
  for (const Copy& copy : this->plan_.forward.states) {
    if (!this->plan_.buffers[copy.ref.index].needed_backward) continue;
    auto &from = this->places_[copy.ref.index], &to = this->second_[copy.ref.index];
    for (int g = this->first_group_; g < this->last_group_; ++g)
      this->move(from.p, from.stride, this->state_row(*this->chunk_, last, t - 1, g), to.p, to.stride, era.places[g],
                 copy.width, era.groups[g + 1] - era.groups[g]);
  }
}

template <class T>
void BackwardWorker<T>::loop(const std::vector<Kernel>& kernels, std::size_t stage) {
  const CachedVector<Era>& eras = this->layout_.eras();
  this->flip_ = flips_[stage];
  for (std::size_t e = eras.size(); e-- > 0;) {
    const Era& era = eras[e];
    Index begin = std::max(era.begin, this->chunk_->begin), end = std::min(era.end, this->chunk_->end);
    if (begin < end) this->enter(era, end - begin);
    for (Index t = end; t-- > begin;) {
      if (t == era.end - 1) {
        const Era* next = e + 1 < eras.size() ? &eras[e + 1] : nullptr;
        this->meet();  // rows change their places
        take_over(era, next, stage);
        next && next->parts != era.parts ? this->team_.barrier() : this->meet();
      }
      this->gathered_ = t == era.begin && t > this->chunk_->begin;
      if (this->gathered_) gather_states(eras[e - 1], era, t);
      if (this->gathered_ && this->columns_) this->team_.barrier();
      this->run_step(kernels, era, t);
      this->flip_ = !this->flip_;
    }
  }
  this->gathered_ = false;
  flips_[stage] = this->flip_;
  this->meet();
}

template <class T>
void BackwardWorker<T>::copy_out() {
  auto rows = this->my_rows();
  if (this->pass_.out.empty() || rows.count() == 0) return;
  Index start;
  const Index* index = this->caller_rows(rows, start);
  for (const Copy& copy : this->pass_.out) {
    if (!backward_.input_gradients[copy.leaf]) continue;
    auto& place = this->places_[copy.ref.index];
    this->write(place.p + rows.first * this->lanes_, place.stride, copy, start, index, rows.count(),
                backward_.input_gradients[copy.leaf]);
  }
}

// Gradients of the states before the first step.
template <class T>
void BackwardWorker<T>::first_states() {
  if (this->layout_.eras().empty()) return;
  const Era& era = this->layout_.eras()[0];
  std::vector<Index>& index = this->x_.row_index_[this->scratch_];
  auto rows = this->my_rows(era);
  this->layout_.caller_rows(era, this->first_group_, this->last_group_, index.data());
  for (const Copy& copy : this->pass_.states) {
    if (!backward_.state_gradients[copy.leaf] || !this->stages_.has(copy.stage)) continue;
    bool halves = this->plan_.buffers[copy.ref.index].place == Buffer::Place::gradient;
    bool second = halves && flips_[static_cast<std::size_t>(copy.stage)];
    auto& place = (second ? this->second_ : this->places_)[copy.ref.index];
    this->write(place.p + rows.first * this->lanes_, place.stride, copy, 0, index.data(), rows.count(),
                backward_.state_gradients[copy.leaf]);
  }
}

// Blocks of the sums to their places in the targets.
template <class T>
void BackwardWorker<T>::assemble() {
  this->team_.barrier();
  const Plan& plan = this->plan_;
  for (std::size_t k = 0; k < this->pass_.sums.size(); ++k) {
    const Sum& sum = this->pass_.sums[k];
    const Target& target = plan.graph.targets[sum.target];
    T* to = reinterpret_cast<T*>(backward_.sums[sum.target].impl().data) + sum.first_row * target.columns +
            sum.first_column;
    Index width = this->x_.blocks(sum.b_width) * this->lanes_,
          stride = this->x_.stride(sum.parts * this->x_.blocks(sum.b_width));
    Index first = sum.a_width * this->index_ / this->threads_, last = sum.a_width * (this->index_ + 1) / this->threads_;
    const T *half = this->x_.sums_[k], *other = half + this->x_.size_of(sum);
    bool halves = this->x_.halves(sum, this->layout_) == 2;
    for (Index row = first; row < last; ++row)
      for (Index part = 0; part < sum.parts; ++part) {
        Index from = row * stride + part * width;
        T* y = to + row * target.columns + part * sum.b_width;
        if (halves)
          std::transform(half + from, half + from + sum.b_width, other + from, y, std::plus<T>());
        else
          std::copy_n(half + from, sum.b_width, y);
      }
  }
}

template class BackwardWorker<float>;
template class BackwardWorker<double>;

}  // namespace unroll::compile
