#include "unroll/rnn/memory/checkpoints.hpp"

#include <algorithm>
#include <cmath>

namespace unroll::memory {
namespace {

Index segments_of(Index chunks, Index blocks) { return (chunks + blocks - 1) / blocks; }

double replayed_chunks(Index chunks, Index blocks, Index states) {
  Index segments = segments_of(chunks, blocks);
  if (segments - 2 <= states) return static_cast<double>(chunks - std::min(chunks, blocks));
  return least_advances(segments, states) * static_cast<double>(blocks);
}

}  // namespace

double least_advances(Index segments, Index states) {
  if (segments < 2) return 0;
  // before = C(s + r, r - 1), reached = C(s + r, r).
  double m = static_cast<double>(segments), s = static_cast<double>(states + 1), r = 1, before = 1, reached = s + 1;
  while (reached < m) {
    r += 1;
    before = reached * (s + r) / (s + 1);
    reached = reached * (s + r) / r;
  }
  return r * m - before;
}

Index best_advance(Index segments, Index states) {
  if (states >= segments - 2) return 1;
  auto cost = [&](Index y) {
    return static_cast<double>(y) + least_advances(segments - y, states - 1) + least_advances(y, states);
  };
  Index low = 1, high = segments - 1;  // cost is convex
  while (low < high) {
    Index middle = (low + high) / 2;
    if (cost(middle + 1) < cost(middle))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Checkpoints place_checkpoints(Index chunks, std::size_t kept, std::size_t state, std::size_t limit) {
  Checkpoints best;
  bool found = false;
  for (Index blocks = 1; blocks <= chunks && static_cast<std::size_t>(blocks) * kept <= limit; ++blocks) {
    Index wanted = std::max<Index>(0, segments_of(chunks, blocks) - 2);
    std::size_t room = limit - static_cast<std::size_t>(blocks) * kept;
    Index states = state == 0 ? wanted : std::min(wanted, static_cast<Index>(room / state));
    double replayed = replayed_chunks(chunks, blocks, states);
    if (found && replayed >= best.replayed) continue;
    best = {blocks, states, replayed};
    found = true;
  }
  return best;
}

Checkpoints square_root_checkpoints(Index chunks, std::size_t kept, std::size_t state) {
  double ratio = static_cast<double>(state) / static_cast<double>(std::max<std::size_t>(kept, 1));
  auto bytes = [&](Index blocks) {
    return static_cast<double>(blocks) +
           ratio * static_cast<double>(std::max<Index>(0, segments_of(chunks, blocks) - 2));
  };
  auto middle = static_cast<Index>(std::sqrt(static_cast<double>(chunks) * ratio));
  Index best = 1;
  for (Index blocks = std::max<Index>(1, middle - 1); blocks <= std::min(chunks, middle + 2); ++blocks)
    if (bytes(blocks) < bytes(best)) best = blocks;
  Index states = std::max<Index>(0, segments_of(chunks, best) - 2);
  return {best, states, replayed_chunks(chunks, best, states)};
}

}  // namespace unroll::memory
