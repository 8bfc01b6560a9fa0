#include "unroll/rnn/compile/forward_worker.hpp"

#include <algorithm>
#include <optional>

namespace unroll::compile {

template <class T>
void ForwardWorker<T>::run() {
  start();
  if (!forward_.store) {
    for (const memory::Step& step : this->x_.steps_) take(step);
    return;
  }
  while (const memory::Step* step = this->next_step(*forward_.store)) take(*step);
}

template <class T>
void ForwardWorker<T>::run(const Wavefront& wavefront, Executor<T>& executor, const ForwardCall& call, int index,
                           Team& team) {
  ForwardWorker(executor, call, index, team).start();
  team.barrier();
  Team alone;
  std::optional<ForwardWorker> worker;
  if (index < wavefront.threads()) worker.emplace(executor, call, 0, alone, WorkerStages(wavefront, index));
  run_wavefront(wavefront.threads(), executor.steps_, index, team,
                [&](const memory::Step& step) { worker->take(step); });
}

template <class T>
void ForwardWorker<T>::start() {
  this->pack();
  start_outputs();
}

template <class T>
void ForwardWorker<T>::take(const memory::Step& step) {
  const Chunk& chunk = this->layout_.chunks()[static_cast<std::size_t>(step.chunk)];
  if (!forward_.store) this->team_.barrier();
  last_places_.swap(this->places_);
  this->enter(step);
  if (this->stages_.are_first()) {
    copy_in();
    this->make_masks();
  }
  if (step.load)
    load_states(static_cast<const T*>(step.load));
  else if (step.chunk > 0)
    states_of_last_chunk(*last_, last_places_);
  else
    initial_states();
  if (step.save) save_states(static_cast<T*>(step.save));
  this->meet();
  this->for_each_stage([&](const std::vector<Kernel>& kernels, std::size_t stage) {
    stage % 2 ? loop(kernels) : this->run_chunk(kernels);
  });
  this->meet();
  if (this->stages_.are_last()) copy_out();
  finish_rows();
  last_ = &chunk;
}

// What no step writes: outputs past the ends of rows, states of rows without any step.
template <class T>
void ForwardWorker<T>::start_outputs() {
  const RowLayout& layout = this->layout_;
  if (this->index_ != 0 || forward_.replays) return;
  if (layout.rows() < layout.batch() * forward_.time)
    for (Tensor& y : forward_.outputs) std::fill_n(y.mutable_data<T>(), y.size(), T{0});
  for (Index row : layout.empty_rows())
    for (std::size_t k = 0; k < forward_.states.size(); ++k) {
      Index width = layout.batch() ? forward_.states[k].size() / layout.batch() : 0;
      std::copy_n(forward_.states[k].template data<T>() + row * width, width,
                  forward_.final_states[k].template mutable_data<T>() + row * width);
    }
}

template <class T>
void ForwardWorker<T>::copy_in() {
  auto rows = this->my_rows();
  if (this->pass_.in.empty() || rows.count() == 0) return;
  Index start;
  const Index* index = this->caller_rows(rows, start);
  for (const Copy& copy : this->pass_.in) {
    auto& place = this->places_[copy.ref.index];
    this->read(forward_.inputs[copy.leaf], copy, start, index, rows.count(), place.p + rows.first * this->lanes_,
               place.stride);
  }
}

template <class T>
void ForwardWorker<T>::initial_states() {
  const Era& era = this->layout_.eras()[0];
  std::vector<Index>& index = this->x_.row_index_[this->scratch_];
  this->for_each_part([&](const RowPart& part, int first_group, int last_group) {
    this->layout_.caller_rows(era, first_group, last_group, index.data());
    Index first = era.groups[first_group], count = era.groups[last_group] - first;
    for (const Copy& copy : this->pass_.states) {
      if (!this->stages_.has(copy.stage)) continue;
      auto& place = this->places_[copy.ref.index];
      this->read(forward_.states[copy.leaf], copy, 0, index.data(), count,
                 place.p + (part.first_row + first) * this->lanes_, place.stride);
    }
  });
}

// The rows that go on, from the last step of the chunk before to where this one begins.
template <class T>
void ForwardWorker<T>::states_of_last_chunk(const Chunk& last, const CachedVector<typename Worker<T>::Place>& places) {
  const CachedVector<Era>& eras = this->layout_.eras();
  std::size_t e = 0;
  while (eras[e].end < last.end) ++e;
  const Era &before = eras[e], &now = before.end == last.end ? eras[e + 1] : before;
  // Parts of both chunks may lie across each other in the same memory: then by way of the memory for gathered rows.
  bool parted = last.parts > 1 || this->chunk_->parts > 1;
  auto crosses = [&](const Copy& copy) {
    return parted && places[copy.ref.index].p == this->places_[copy.ref.index].p;
  };
  auto place_now = [&](int g) { return now.groups[g] + this->layout_.part_of(*this->chunk_, g).first_row; };
  auto for_each_group = [&](auto&& f) {
    for (const Copy& copy : this->pass_.states)
      if (this->stages_.has(copy.stage))
        for (int g = this->first_group_; g < this->last_group_; ++g)
          f(copy, copy.ref.index, g, now.groups[g + 1] - now.groups[g]);
  };
  for_each_group([&](const Copy& copy, int k, int g, Index count) {
    bool around = crosses(copy);
    const auto& to = around ? this->second_[k] : this->places_[k];
    this->move(places[k].p, places[k].stride, this->state_row(last, before, last.end - 1, g), to.p, to.stride,
               around ? now.places[g] : place_now(g), copy.width, count);
  });
  if (std::none_of(this->pass_.states.begin(), this->pass_.states.end(), crosses)) return;
  this->team_.barrier();
  for_each_group([&](const Copy& copy, int k, int g, Index count) {
    const auto &from = this->second_[k], &to = this->places_[k];
    if (crosses(copy)) this->move(from.p, from.stride, now.places[g], to.p, to.stride, place_now(g), copy.width, count);
  });
}

template <class T>
template <class F>
void ForwardWorker<T>::for_each_state(F&& f) {
  const CachedVector<Era>& eras = this->layout_.eras();
  const Era* era = eras.data();
  while (era->end <= this->chunk_->begin) ++era;
  Index stride = era->rows * this->lanes_, offset = 0;
  for (const Copy& copy : this->pass_.states) {
    const auto& place = this->places_[copy.ref.index];
    this->for_each_part([&](const RowPart& part, int first_group, int last_group) {
      Index row = era->groups[first_group], count = era->groups[last_group] - row;
      f(place, part.first_row + row, copy.width, offset, stride, row, count);
    });
    offset += this->x_.blocks(copy.width) * stride;
  }
}

template <class T>
void ForwardWorker<T>::load_states(const T* from) {
  for_each_state([&](const auto& place, Index to, Index width, Index offset, Index stride, Index row, Index count) {
    this->move(from + offset, stride, row, place.p, place.stride, to, width, count);
  });
}

template <class T>
void ForwardWorker<T>::save_states(T* to) {
  for_each_state([&](const auto& place, Index from, Index width, Index offset, Index stride, Index row, Index count) {
    this->move(place.p, place.stride, from, to + offset, stride, row, width, count);
  });
}

// The states of the step before, without the rows that have ended.
template <class T>
void ForwardWorker<T>::gather(const Era& last, const Era& era, Index t) {
  for (const Copy& copy : this->pass_.states) {
    auto &from = this->places_[copy.ref.index], &to = this->second_[copy.ref.index];
    for (int g = this->first_group_; g < this->last_group_; ++g)
      this->move(from.p, from.stride, this->state_row(*this->chunk_, last, t - 1, g), to.p, to.stride, era.places[g],
                 copy.width, era.groups[g + 1] - era.groups[g]);
  }
}

template <class T>
void ForwardWorker<T>::loop(const std::vector<Kernel>& kernels) {
  const CachedVector<Era>& eras = this->layout_.eras();
  this->for_each_era([&](std::size_t e, Index begin, Index end) {
    const Era& era = eras[e];
    this->enter(era, end - begin);
    for (Index t = begin; t < end; ++t) {
      this->gathered_ = t == era.begin && t > this->chunk_->begin;
      if (this->gathered_) {
        this->meet();  // rows change their places
        gather(eras[e - 1], era, t);
        if (this->columns_) this->team_.barrier();
      }
      this->flip_ = t & 1;
      this->run_step(kernels, era, t);
    }
  });
  this->gathered_ = false;
  this->meet();
}

template <class T>
void ForwardWorker<T>::copy_out() {
  if (forward_.replays || this->pass_.out.empty()) return;
  this->for_each_part(this->my_rows(), [&](const RowPart& part, typename Worker<T>::Rows rows) {
    Index start;
    const Index* index = this->caller_rows(rows, start);
    for (const Copy& copy : this->pass_.out) {
      auto& place = this->places_[copy.ref.index];
      Index lead = this->plan_.buffers[copy.ref.index].place == Buffer::Place::state ? part.lead : 0;
      this->write(place.p + (lead + rows.first) * this->lanes_, place.stride, copy, start, index, rows.count(),
                  forward_.outputs[copy.leaf]);
    }
  });
}

// Final states of rows whose last step lies in this chunk.
template <class T>
void ForwardWorker<T>::finish_rows() {
  if (forward_.replays) return;
  const CachedVector<Era>& eras = this->layout_.eras();
  std::vector<Index>& index = this->x_.row_index_[this->scratch_];
  for (std::size_t e = 0; e < eras.size(); ++e) {
    const Era& era = eras[e];
    if (era.end <= this->chunk_->begin || era.end > this->chunk_->end) continue;
    for (int g = this->first_group_; g < this->last_group_; ++g) {
      Index alive = era.groups[g + 1] - era.groups[g];
      Index stay = e + 1 < eras.size() ? eras[e + 1].groups[g + 1] - eras[e + 1].groups[g] : 0;
      for (Index k = stay; k < alive; ++k) index[k - stay] = this->layout_.caller_row(g, k);
      for (const Copy& copy : this->pass_.states) {
        if (!this->stages_.has(copy.stage)) continue;
        auto& place = this->places_[copy.ref.index];
        Index row = this->state_row(*this->chunk_, era, era.end - 1, g) + stay;
        this->write(place.p + row * this->lanes_, place.stride, copy, 0, index.data(), alive - stay,
                    forward_.final_states[copy.leaf]);
      }
    }
  }
}

template class ForwardWorker<float>;
template class ForwardWorker<double>;

}  // namespace unroll::compile
