#pragma once
// Wavefront: the layers of a stack on threads of their own. Thread k runs some stages of a chunk of steps while thread
// k - 1 runs the stages before them of the next chunk. It is for batches of so few rows that these cannot be shared.
#include <algorithm>
#include <span>
#include <string>

#include "unroll/core/cached_vector.hpp"
#include "unroll/core/thread_team.hpp"
#include "unroll/rnn/compile/plan.hpp"
#include "unroll/rnn/compile/team_costs.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll::compile {

/// Thread k runs stages cuts[k], ..., cuts[k + 1] - 1.
struct Wavefront {
  CachedVector<int> cuts;
  int threads() const { return std::max(1, static_cast<int>(cuts.size()) - 1); }
  /// Whether there is one, and a team has the threads for it.
  bool fits(int team) const { return threads() > 1 && threads() <= team; }
};

/// The cut of the stages among at most `threads` threads whose slowest one has the least to do, if `chunks` chunks so
/// take at most three quarters of the time that they take on one thread; else one that has no cuts. `costs`: of each
/// stage; `barrier`: of a meeting after each chunk.
Wavefront make_wavefront(std::span<const double> costs, int threads, Index chunks, double barrier = 0);

/// Whether a pass of a plan might be one: there are several layers, and too few rows to share.
bool may_be_wavefront(const Pass& pass, Index rows, int threads);

/// The same for a pass of a plan: only where there are too few rows to share, all of the same length, no products that
/// are worth sharing column by column, and a store that holds all chunks.
Wavefront find_wavefront(const Plan& plan, const Pass& pass, const RowLayout& layout, const TeamCosts& team,
                         bool holds_all);

/// "stages 0 to 1, 2 to 4"
std::string to_string(const Wavefront& wavefront);

/// Calls take(step) for the steps of a pass, one for each chunk, forward or back, on thread `index` of the team: each
/// when the thread before has taken it.
template <class F>
void run_wavefront(int threads, std::span<const memory::Step> steps, int index, Team& team, F&& take) {
  const auto chunks = static_cast<Index>(steps.size());
  for (Index tick = 0; tick < chunks + threads - 1; ++tick) {
    Index k = tick - index;
    if (index < threads && k >= 0 && k < chunks) take(steps[static_cast<std::size_t>(k)]);
    team.barrier();
  }
}

}  // namespace unroll::compile
