#include "unroll/rnn/compile/wavefront.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <sstream>

namespace unroll::compile {
namespace {

// The cuts into groups that cost at most `most` each, as early as can be; empty: it takes more than `threads` groups.
CachedVector<int> cut(std::span<const double> costs, int threads, double most) {
  CachedVector<int> cuts{0};
  double sum = 0;
  for (std::size_t k = 0; k < costs.size(); ++k) {
    if (costs[k] > most) return {};
    if (sum + costs[k] > most) {
      cuts.push_back(static_cast<int>(k));
      sum = 0;
    }
    sum += costs[k];
  }
  cuts.push_back(static_cast<int>(costs.size()));
  if (static_cast<int>(cuts.size()) - 1 > threads) return {};
  return cuts;
}

}  // namespace

bool may_be_wavefront(const Pass& pass, Index rows, int threads) {
  constexpr Index few = 2;  // rows for each thread
  return threads > 1 && pass.stages.size() >= 5 && rows < few * threads;
}

// More rows are better shared, and so are the columns of large products: nobody has to wait for the first chunk then,
// nor do layers have to be alike.
Wavefront find_wavefront(const Plan& plan, const Pass& pass, const RowLayout& layout, const TeamCosts& team,
                         bool holds_all) {
  const int threads = team.threads;
  constexpr double large = 400000;
  if (!may_be_wavefront(pass, layout.most_rows(), threads) || !holds_all || layout.eras().size() != 1) return {};
  CachedVector<double> costs;
  double products = 0;
  bool reduces = false;
  for (std::size_t stage = 0; stage < pass.stages.size(); ++stage) {
    double& sum = costs.emplace_back(0);
    for (const Kernel& kernel : pass.stages[stage]) {
      double one = cost(plan, pass, kernel);
      sum += one;
      if (stage % 2 && kernel.kind == Kernel::Kind::product) products += one;
      if (stage % 2 && kernel.kind == Kernel::Kind::program) reduces |= pass.programs[kernel.index].reduces;
    }
  }
  if (!reduces && products * static_cast<double>(layout.most_rows()) >= large) return {};
  auto chunks = static_cast<Index>(layout.chunks().size());
  return make_wavefront(costs, threads, chunks,
                        team.barrier * static_cast<double>(chunks) / static_cast<double>(layout.rows()));
}

std::string to_string(const Wavefront& wavefront) {
  std::ostringstream out;
  for (std::size_t k = 0; k + 1 < wavefront.cuts.size(); ++k)
    out << (k ? ", " : "stages ") << wavefront.cuts[k] << " to " << wavefront.cuts[k + 1] - 1;
  return out.str();
}

Wavefront make_wavefront(std::span<const double> costs, int threads, Index chunks, double barrier) {
  double total = std::accumulate(costs.begin(), costs.end(), 0.0), least = std::numeric_limits<double>::infinity();
  Wavefront best;
  // The largest group of the best cut is some run of stages.
  for (std::size_t first = 0; first < costs.size(); ++first) {
    double most = 0;
    for (std::size_t last = first; last < costs.size(); ++last) {
      most += costs[last];
      if (most >= least || 4 * most > 3 * total) continue;
      if (CachedVector<int> cuts = cut(costs, threads, most); !cuts.empty()) {
        least = most;
        best.cuts = std::move(cuts);
      }
    }
  }
  auto ticks = static_cast<double>(chunks + best.threads() - 1);
  if (4 * ticks * (least + barrier) > 3 * static_cast<double>(chunks) * total) best.cuts.clear();
  return best;
}

}  // namespace unroll::compile
