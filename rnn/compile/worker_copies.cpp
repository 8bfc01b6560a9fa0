// What a worker copies to and from blocks.
#include <algorithm>
#include <cmath>

#include "unroll/core/kernels/blocked.hpp"
#include "unroll/core/kernels/dropout.hpp"
#include "unroll/rnn/compile/worker.hpp"

namespace unroll::compile {

template <class T>
template <class F>
void Worker<T>::for_each_row(Rows rows, F&& f) const {
  for_each_part(rows, [&](const RowPart& part, Rows piece) {
    for_each_era([&](std::size_t e, Index begin, Index end) {
      const Era& era = layout_.eras()[e];
      for (Index t = begin; t < end; ++t) {
        Index row = part.row(era, t);
        if (row + part.rows_of(era) <= piece.first || row >= piece.last) continue;
        for (int g = part.first_group; g < part.last_group; ++g) {
          Index count = era.groups[g + 1] - era.groups[g], last = std::min(count, piece.last - row);
          for (Index j = std::max<Index>(0, piece.first - row); j < last; ++j) f(t, layout_.caller_row(g, j));
          row += count;
        }
      }
    });
  });
}

template <class T>
const Index* Worker<T>::caller_rows(Rows rows, Index& start) {
  const CachedVector<Era>& eras = layout_.eras();
  bool steps_follow = (call_.time_major || layout_.batch() == 1) && !call_.reverse;
  if (steps_follow && eras.size() == 1 && eras[0].rows == layout_.batch() && chunk_->parts == 1) {
    start = chunk_->first_row + rows.first;
    return nullptr;
  }
  Index* const first = x_.row_index_[scratch_].data();
  Index *to = first, of_row = call_.time_major ? 1 : call_.time, of_step = call_.time_major ? layout_.batch() : 1;
  if (call_.reverse)
    for_each_row(rows, [&](Index t, Index r) { *to++ = r * of_row + (layout_.length(r) - 1 - t) * of_step; });
  else
    for_each_row(rows, [&](Index t, Index r) { *to++ = r * of_row + t * of_step; });
  start = 0;
  return first;
}

template <class T>
void Worker<T>::read(const Tensor& leaf, const Copy& copy, Index start, const Index* index, Index count, T* to,
                     Index stride) {
  if (count == 0) return;
  Index row = copy.leaf_width;
  const T* from = leaf.data<T>() + start * row + copy.first;
  if (copy.width > 1)
    return kernels::to_blocks<T>(from, row, index, count, copy.width, static_cast<int>(lanes_), to, stride);
  for (Index r = 0; r < count; ++r) std::fill_n(to + r * lanes_, lanes_, from[(index ? index[r] : r) * row]);
}

template <class T>
void Worker<T>::write(const T* from, Index stride, const Copy& copy, Index start, const Index* index, Index count,
                      Tensor& leaf) {
  if (count == 0) return;
  Index row = copy.leaf_width;
  // Workers write different rows of a tensor that is the executor's alone.
  T* to = reinterpret_cast<T*>(leaf.impl().data) + start * row + copy.first;
  kernels::from_blocks<T>(from, stride, count, copy.width, static_cast<int>(lanes_), to, row, index);
}

template <class T>
void Worker<T>::make_masks() {
  Rows rows = my_rows();
  if (pass_.masks.empty() || rows.count() == 0) return;
  for (const Copy& copy : pass_.masks) {
    const Mask& mask = plan_.graph.masks[copy.leaf];
    const SequenceMask& words = call_.masks[copy.leaf];
    T* row_major = x_.mask_rows_[scratch_].resize(rows.count() * copy.width);
    std::fill_n(row_major, rows.count() * copy.width, T{1});
    kernels::DropoutRule rule{words.words.seed, 0, static_cast<std::uint64_t>(std::ceil(mask.rate * 0x1p32)),
                              1 / (1 - mask.rate)};
    T* to = row_major;
    for_each_row(rows, [&](Index t, Index r) {
      rule.stream = words.words.stream + static_cast<std::uint64_t>(t) * words.increment;
      if (words.words.shared) r = 0;
      auto word = words.words.offset + static_cast<std::uint64_t>(r * mask.width + copy.first);
      kernels::dropout(rule, word, to, to, copy.width);
      to += copy.width;
    });
    const Place& place = places_[copy.ref.index];
    T* blocks = place.p + rows.first * lanes_;
    if (copy.width > 1)
      kernels::to_blocks<T>(row_major, copy.width, nullptr, rows.count(), copy.width, static_cast<int>(lanes_), blocks,
                            place.stride);
    else
      for (Index r = 0; r < rows.count(); ++r) std::fill_n(blocks + r * lanes_, lanes_, row_major[r]);
  }
}

template <class T>
void Worker<T>::move(const T* from, Index from_stride, Index from_row, T* to, Index to_stride, Index to_row,
                     Index width, Index count) {
  for (Index b = 0; b < x_.blocks(width); ++b)
    std::copy_n(from + b * from_stride + from_row * lanes_, count * lanes_, to + b * to_stride + to_row * lanes_);
}

template class Worker<float>;
template class Worker<double>;

}  // namespace unroll::compile
