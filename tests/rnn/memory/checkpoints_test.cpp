#include "unroll/rnn/memory/checkpoints.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "unroll/rnn/memory/recomputed.hpp"

using namespace unroll;
using namespace unroll::memory;

namespace {

constexpr std::size_t kept = 640, state = 128;

ChunkSizes sizes_of(Index chunks) {
  return {chunks, [](Index) { return kept; }, kept, state};
}

// The least number of replayed chunks by dynamic programming over all places of states, where the chunks of `blocks`
// blocks are held at once.
double least_by_search(Index chunks, Index blocks, Index states) {
  std::map<std::pair<Index, Index>, double> known;
  // All but the runs that keep a segment.
  auto advances = [&](auto& self, Index n, Index s) -> double {
    if (n <= blocks) return 0;
    auto [place, is_new] = known.try_emplace({n, s}, 0);
    if (!is_new) return place->second;
    double best = 1e300;
    for (Index y = 1; y < n; ++y) {
      bool long_rest = n - y > blocks;
      if (long_rest && s == 0) continue;
      best = std::min(best, static_cast<double>(y) + self(self, n - y, long_rest ? s - 1 : s) + self(self, y, s));
    }
    return known[{n, s}] = best;
  };
  // Of those one run of every chunk is the forward pass; the rest and the keeping of all but the last segment is extra.
  return advances(advances, chunks, states);
}

struct Counts {
  double replayed = 0;
  bool right = true;  // order, states, blocks
};

// Goes through all steps as an executor would, with tags for data.
Counts follow(Store& store, Index chunks, bool again = false) {
  std::map<const void*, Index> states, blocks;
  Counts counts;
  Index present = -1;  // the state before this chunk is at hand
  auto forward = [&](const Step& s) {
    if (s.load) {
      counts.right &= states.contains(s.load) && states[s.load] == s.chunk;
    } else {
      counts.right &= s.chunk == 0 || present == s.chunk;
    }
    if (s.save) states[s.save] = s.chunk;
    if (s.kept) blocks[s.kept] = s.chunk;
    present = s.chunk + 1;
  };
  Step step;
  store.start_forward();
  for (Index c = 0; store.next(step); ++c) {
    counts.right &= step.direction == Step::Direction::forward && step.chunk == c;
    forward(step);
  }
  counts.right &= present == chunks;
  for (int round = 0; round < (again ? 2 : 1); ++round) {
    store.start_backward();
    Index next = chunks;
    while (store.next(step)) {
      if (step.direction == Step::Direction::forward) {
        counts.replayed += 1;
        forward(step);
      } else {
        counts.right &= step.chunk == --next && blocks.contains(step.kept) && blocks[step.kept] == step.chunk;
      }
    }
    counts.right &= next == 0;
  }
  counts.right &= blocks.size() * kept + states.size() * state <= store.bytes();
  return counts;
}

}  // namespace

TEST_CASE("least_advances is what a search over all placements finds") {
  for (Index states = 0; states < 5; ++states)
    for (Index segments = 1; segments < 30; ++segments)
      CHECK(least_advances(segments, states) == least_by_search(segments, 1, states));
}

TEST_CASE("a recomputed sequence finds every chunk's data, with the replays that were counted") {
  for (Index chunks : {1, 2, 3, 7, 16, 61})
    for (Index blocks : {1, 2, 3, 5, 61})
      for (Index states : {0, 1, 2, 4, 60}) {
        if (blocks > chunks) continue;
        CAPTURE(chunks);
        CAPTURE(blocks);
        CAPTURE(states);
        Recomputed store(sizes_of(chunks), {blocks, states});
        Counts counts = follow(store, chunks);
        CHECK(counts.right);
        CHECK(counts.replayed <= least_advances((chunks + blocks - 1) / blocks, states) * static_cast<double>(blocks));
        if (chunks < 20) CHECK(counts.replayed <= 1.35 * least_by_search(chunks, blocks, states));
      }
}

TEST_CASE("a second backward pass starts from the initial state") {
  Recomputed store(sizes_of(20), {3, 2});
  Counts counts = follow(store, 20, true);
  CHECK(counts.right);
}

TEST_CASE("checkpoints keep to their limit, and more memory never costs more") {
  for (Index chunks : {1, 2, 9, 100, 1000}) {
    double last = 1e300;
    for (std::size_t limit = kept; limit < static_cast<std::size_t>(chunks + 1) * kept; limit += 97) {
      Checkpoints c = place_checkpoints(chunks, kept, state, limit);
      CHECK(Recomputed::bytes(sizes_of(chunks), c) <= limit);
      CHECK(c.replayed <= last);
      last = c.replayed;
    }
    CHECK(last == 0);
  }
}

TEST_CASE("square-root checkpoints replay each chunk once at most, in the least memory that allows it") {
  for (Index chunks : {1, 2, 9, 100, 1000}) {
    Checkpoints c = square_root_checkpoints(chunks, kept, state);
    std::size_t bytes = Recomputed::bytes(sizes_of(chunks), c);
    CHECK(c.replayed == static_cast<double>(chunks - c.blocks));
    for (Index blocks = 1; blocks <= chunks; ++blocks) {
      Index states = std::max<Index>(0, (chunks + blocks - 1) / blocks - 2);
      CHECK(bytes <= Recomputed::bytes(sizes_of(chunks), {blocks, states}));
    }
  }
}
