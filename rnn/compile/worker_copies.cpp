// What a worker copies to and from blocks.
#include <algorithm>
#include <cmath>

#include "unroll/core/kernels/blocked.hpp"
#include "unroll/core/kernels/dropout.hpp"
#include "unroll/rnn/compile/worker.hpp"

namespace unroll::compile {

template <class T>
const Index* Worker<T>::caller_rows(Rows rows, Index& start) {
  const CachedVector<Era>& eras = layout_.eras();
  if (call_.time_major && !call_.reverse && eras.size() == 1 && eras[0].rows == layout_.batch()) {
    start = chunk_->first_row + rows.first;
    return nullptr;
  }
  std::vector<Index>& to = x_.row_index_[scratch_];
  Index k = 0, row = chunk_->first_row;
  for (const Era& era : eras) {
    for (Index t = std::max(era.begin, chunk_->begin); t < std::min(era.end, chunk_->end); ++t, row += era.rows) {
      Index at = row - chunk_->first_row;
      if (at + era.rows <= rows.first || at >= rows.last) continue;
      Index position = at;
      for (int g = 0; g < layout_.groups(); ++g)
        for (Index j = 0; j < era.groups[g + 1] - era.groups[g]; ++j, ++position) {
          if (position < rows.first || position >= rows.last) continue;
          Index r = layout_.caller_row(g, j);
          Index step = call_.reverse ? layout_.length(r) - 1 - t : t;
          to[k++] = call_.time_major ? step * layout_.batch() + r : r * call_.time + step;
        }
    }
  }
  start = 0;
  return to.data();
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
  Rows rows = my_share(chunk_->rows);
  if (pass_.masks.empty() || rows.count() == 0) return;
  for (const Copy& copy : pass_.masks) {
    const Mask& mask = plan_.graph.masks[copy.leaf];
    const SequenceMask& words = call_.masks[copy.leaf];
    T* row_major = x_.mask_rows_[scratch_].resize(rows.count() * copy.width);
    std::fill_n(row_major, rows.count() * copy.width, T{1});
    kernels::DropoutRule rule{words.words.seed, 0, static_cast<std::uint64_t>(std::ceil(mask.rate * 0x1p32)),
                              1 / (1 - mask.rate)};
    T* to = row_major;
    Index position = 0;
    for (const Era& era : layout_.eras())
      for (Index t = std::max(era.begin, chunk_->begin); t < std::min(era.end, chunk_->end); ++t) {
        rule.stream = words.words.stream + static_cast<std::uint64_t>(t) * words.increment;
        for (int g = 0; g < layout_.groups(); ++g)
          for (Index j = 0; j < era.groups[g + 1] - era.groups[g]; ++j, ++position) {
            if (position < rows.first || position >= rows.last) continue;
            Index r = words.words.shared ? 0 : layout_.caller_row(g, j);
            auto word = words.words.offset + static_cast<std::uint64_t>(r * mask.width + copy.first);
            kernels::dropout(rule, word, to, to, copy.width);
            to += copy.width;
          }
      }
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
