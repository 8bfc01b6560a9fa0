// What a store says that the next step will have as `kept`.
#include <doctest/doctest.h>

#include "unroll/rnn/memory/checkpoints.hpp"
#include "unroll/rnn/memory/recomputed.hpp"
#include "unroll/rnn/memory/stored.hpp"

using namespace unroll;
using namespace unroll::memory;

namespace {

constexpr Index chunks = 100;

ChunkSizes sizes(std::size_t kept) {
  return {.count = chunks,
          .kept = [kept](Index c) { return kept + 64 * c; },
          .most_kept = kept + 64 * chunks,
          .state = 256};
}

// How many steps of both passes had something to say, which the step after them has to confirm.
int announced(Store& store) {
  int count = 0;
  Step last, step;
  for (bool forward : {true, false}) {
    forward ? store.start_forward() : store.start_backward();
    last = {};
    while (store.next(step)) {
      if (last.next_kept) {
        ++count;
        CHECK(step.kept == last.next_kept);
        CHECK(step.direction == last.direction);
        CHECK(step.chunk == last.chunk + (step.direction == Step::Direction::forward ? 1 : -1));
      }
      last = step;
    }
    CHECK(last.next_kept == nullptr);
  }
  return count;
}

}  // namespace

TEST_CASE("the memory of the next chunk is announced where caches do not hold everything") {
  Stored small(sizes(1000)), large(sizes(1 << 20));
  CHECK(announced(small) == 0);
  CHECK(announced(large) == 2 * (chunks - 1));
}

TEST_CASE("what is computed again announces the chunks of a range to each other") {
  for (Index blocks : {1, 7, 40})
    for (Index states : {0, 3, 20}) {
      CAPTURE(blocks);
      CAPTURE(states);
      Recomputed store(sizes(3 << 20), {.blocks = blocks, .states = states});
      CHECK((announced(store) > 0) == (blocks > 5));
    }
}
