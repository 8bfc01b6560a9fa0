#include "unroll/rnn/compile/lay_out.hpp"

#include <algorithm>
#include <limits>

#include "unroll/rnn/compile/wavefront.hpp"

namespace unroll::compile {
namespace {

constexpr Index full_rows = 512;

// Rows of a chunk at most, if no step has more. A core's caches want fewer, but several threads meet at chunks, and
// files are slower in small pieces.
Index most_rows(const Sequence& s, int threads) {
  return threads == 1 && s.memory.spill_directory.empty() ? std::clamp<Index>(4 * s.batch, 192, 256) : full_rows;
}

// Few rows want long chunks, but layers on threads of their own wait for the first one.
Window longest_window(const Sequence& s, const CompiledCell& cell, int threads) {
  Index steps = std::min<Index>(s.parallel_iterations, s.lengths.longest());
  if (may_be_wavefront(cell.plan().forward, s.batch, threads)) return {steps};
  return {steps, 4 * steps, full_rows * s.parallel_iterations / default_parallel_iterations};
}

}  // namespace

std::optional<MemoryPlan> lay_out(const Sequence& s, const CompiledCell& cell, int threads, RowLayout& layout) {
  memory::ChunkSizes sizes;
  auto assign = [&](const Window& window) {
    layout.assign(s.lengths, s.batch, most_rows(s, threads), window);
    if (Parting parting = cell.parting(threads, layout); parting.parts > 1)
      layout.assign(s.lengths, s.batch, most_rows(s, threads), window, parting);
    if (cell.gradients()) sizes = cell.chunk_sizes(layout);
  };
  Window window = longest_window(s, cell, threads), best = window;
  double least = std::numeric_limits<double>::infinity();
  assign(window);
  if (!cell.gradients()) return {};
  while (s.memory.memory_limit > 0) {
    double share = memory::least_replayed_share(sizes, s.memory);
    bool ends = share <= 1 || (window.steps == 1 && window.most_steps == 0);
    if (share < least) {
      least = share;
      best = window;
    } else if (ends && least < share) {
      assign(best);
    }
    if (ends) break;
    window = {window.most_steps > 0 ? window.steps : (window.steps + 1) / 2};
    assign(window);
  }
  return MemoryPlan{sizes, memory::choose(sizes, s.memory, cell.seconds_of_chunk(layout))};
}

}  // namespace unroll::compile
