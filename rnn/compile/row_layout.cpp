#include "unroll/rnn/compile/row_layout.hpp"

#include <algorithm>
#include <numeric>

namespace unroll::compile {
namespace {
constexpr Index most_groups = 8, fewest_rows = 2;  // of a group
}

void RowLayout::assign(const Lengths& lengths, Index batch, Index most_rows, const Window& window,
                       const Parting& parting) {
  lengths_.assign(lengths.of_rows().begin(), lengths.of_rows().end());
  Index groups = std::clamp<Index>(batch / fewest_rows, 1, most_groups);

  // Without ragged rows: as they come. Otherwise dealt in turns that go back and forth.
  CachedVector<Index> sorted(static_cast<std::size_t>(batch));
  std::iota(sorted.begin(), sorted.end(), 0);
  std::sort(sorted.begin(), sorted.end(),
            [&](Index a, Index b) { return lengths_[a] != lengths_[b] ? lengths_[a] > lengths_[b] : a < b; });
  bool ragged = batch > 0 && lengths_[sorted[0]] != lengths_[sorted[batch - 1]];
  CachedVector<CachedVector<Index>> dealt(static_cast<std::size_t>(groups));
  for (Index k = 0; k < batch; ++k) {
    Index round = k / groups, seat = k % groups;
    Index group = !ragged ? k * groups / batch : round % 2 ? groups - 1 - seat : seat;
    dealt[group].push_back(sorted[k]);
  }
  order_.clear();
  group_begin_.assign(1, 0);
  for (const auto& rows : dealt) {
    order_.insert(order_.end(), rows.begin(), rows.end());
    group_begin_.push_back(static_cast<Index>(order_.size()));
  }

  eras_.clear();
  Index begin = 0, first_row = 0;
  CachedVector<Index> before(static_cast<std::size_t>(groups) + 1, 0);
  for (Index k = batch; k-- > 0;) {
    Index end = lengths_[sorted[k]];
    if (end == begin) continue;
    Era era{begin, end, 0, first_row, {0}, before, {}, 1};
    for (Index g = 0; g < groups; ++g) {
      auto alive = std::count_if(dealt[g].begin(), dealt[g].end(), [&](Index r) { return lengths_[r] > begin; });
      era.groups.push_back(era.rows += alive);
    }
    if (parting.parts <= groups && era.rows >= parting.fewest_rows) era.parts = parting.parts;
    for (Index part = 0; part < era.parts; ++part)
      for (Index first = groups * part / era.parts, g = first; g < groups * (part + 1) / era.parts; ++g)
        era.places.push_back((eras_.empty() ? era : eras_[0]).groups[first] + era.groups[g] - era.groups[first]);
    for (std::size_t g = 0; g < before.size(); ++g) before[g] += era.groups[g] * (end - begin);
    first_row += era.rows * (end - begin);
    begin = end;
    eras_.push_back(std::move(era));
  }
  steps_ = begin;
  rows_ = first_row;

  chunks_.clear();
  parts_.clear();
  largest_chunk_ = 0;
  std::size_t e = 0;
  for (Index t = 0, row = 0; t < steps_;) {
    while (eras_[e].end <= t) ++e;
    Chunk chunk{t, t, row, 0, eras_[e].rows, 0, eras_[e].parts};
    std::size_t at = e;
    while (t < steps_) {
      while (eras_[at].end <= t) ++at;
      Index steps = t - chunk.begin;
      if (steps >= window.steps && (steps >= window.most_steps || chunk.rows + eras_[at].rows > window.rows)) break;
      if (chunk.rows > 0 && (chunk.rows + eras_[at].rows > most_rows || eras_[at].parts != chunk.parts)) break;
      chunk.rows += eras_[at].rows;
      ++t;
    }
    chunk.end = t;
    add_parts(chunk, eras_[e]);
    row += chunk.rows;
    largest_chunk_ = std::max(largest_chunk_, chunk.rows);
    chunks_.push_back(chunk);
  }
}

// Of a chunk that begins in an era.
void RowLayout::add_parts(Chunk& chunk, const Era& era) {
  const Era* last = &era;
  while (last->end < chunk.end) ++last;
  chunk.first_part = static_cast<Index>(parts_.size());
  for (int k = 0; k < chunk.parts; ++k) {
    RowPart part{groups() * k / chunk.parts, groups() * (k + 1) / chunk.parts, 0, 0, 0, 0};
    part.before = part.row(era, chunk.begin);
    part.lead = era.groups[part.last_group];
    part.rows = part.row(*last, chunk.end);
    if (k > 0) part.first_row = parts_.back().first_row + parts_.back().rows;
    parts_.push_back(part);
  }
}

void RowLayout::caller_rows(const Era& era, int first_group, int last_group, Index* rows) const {
  for (int g = first_group; g < last_group; ++g)
    for (Index k = era.groups[g]; k < era.groups[g + 1]; ++k) *rows++ = caller_row(g, k - era.groups[g]);
}

CachedVector<Index> RowLayout::empty_rows() const {
  CachedVector<Index> rows;
  for (Index r = 0; r < batch(); ++r)
    if (lengths_[r] == 0) rows.push_back(r);
  return rows;
}

}  // namespace unroll::compile
