#pragma once
// Random masks of cells: which stream of numbers each draws from.
#include <deque>
#include <optional>

#include "unroll/core/cached_vector.hpp"
#include "unroll/core/random.hpp"

namespace unroll {

/// The streams of one cell, for masks in several places ("slots"). With a seed, each draw of a slot takes the next
/// stream that belongs to that slot under that seed; without, the next stream of the global generator.
class StepRandom {
 public:
  explicit StepRandom(std::optional<std::uint64_t> seed) : seed_(seed) {}

  RandomStream draw(std::uint64_t slot) {
    return detail::logged_draw([&] { return draw(slot, false); });
  }
  /// The stream that `draw` gave for this slot in the present run, or a new one if it is the first in the run.
  RandomStream draw_once_in_a_run(std::uint64_t slot);
  void begin_run() { of_run_.clear(); }
  /// How often each slot was drawn from under the seed; null without one.
  std::deque<std::uint64_t>* draws() { return seed_ ? &draws_ : nullptr; }

 private:
  RandomStream next(std::uint64_t slot);
  RandomStream draw(std::uint64_t slot, bool once);
  template <class List>
  static auto& at(List& all, std::uint64_t slot) {
    if (all.size() <= slot) all.resize(slot + 1);
    return all[slot];
  }

  std::optional<std::uint64_t> seed_;
  std::deque<std::uint64_t> draws_;                   // by slot; a deque: traces point to them
  CachedVector<std::optional<RandomStream>> of_run_;  // by slot
};

}  // namespace unroll
