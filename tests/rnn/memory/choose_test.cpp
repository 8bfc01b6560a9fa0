// What is chosen follows from the times that passes have taken.
#include "unroll/rnn/memory/choose.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace unroll;
using namespace unroll::memory;

namespace {

using Tier = Choice::Tier;

const std::string directory = std::filesystem::temp_directory_path();

ChunkSizes sizes_of(Index chunks) {
  constexpr std::size_t kept = std::size_t{1} << 20;
  return {chunks, [](Index) { return kept; }, kept, 4096};
}

}  // namespace

TEST_CASE("passes beside a file tell what the file costs once there are passes without one") {
  PassTimes times;
  CHECK_FALSE(times.of_chunk(1, 2, 2).known());
  times.add_forward({300, 100, 0.5});
  times.add_forward({400, 100, 0.5});  // the least counts
  times.add_backward({900, 100, 0.5}, 0.5);
  ChunkSeconds guess = times.of_chunk(2, 4, 2);  // a CPU is free for the file's thread
  CHECK(guess.forward == 6);
  CHECK(guess.backward == 15);
  CHECK(guess.forward_file == 0);
  guess = times.of_chunk(2, 4, 4);  // none is
  CHECK(guess.forward == 4.5);
  CHECK(guess.forward_file == 3);
  CHECK(guess.forward + 0.5 * guess.forward_file == 6);
  CHECK(guess.backward + 0.5 * guess.backward_file == 15);
  CHECK(times.of_chunk(1, 1, 8).forward == 1.5);
  times.add_forward({200, 100, 0});
  times.add_backward({800, 100, 0}, 1);
  ChunkSeconds known = times.of_chunk(1, 4, 4);
  CHECK(known.forward == 2);
  CHECK(known.backward == 6);
  CHECK(known.forward_file == 2);
  CHECK(known.backward_file == 3);
  times.add_forward({150, 100, 1});  // another share; and less than without a file costs nothing
  CHECK(times.of_chunk(1, 4, 4).forward_file == 0);
}

TEST_CASE("people are told how long it will take and how long the last call took") {
  PassTimes times;
  Choice choice{.tier = Tier::stored, .bytes = 2'000'000, .stored_bytes = 2'000'000, .seconds = 0.25};
  CHECK(to_string(choice, 3, times.last()) == "stored: 3 chunks; 2.000 MB held; predicted 250 ms\n");
  times.add_forward({0.1, 100, 1, 0.05});
  CHECK(to_string(choice, 3, times.last()).ends_with("predicted 250 ms\n"));  // that call is not over
  times.add_backward({0.2, 100, 1, 0.025}, 0);
  CHECK(to_string(choice, 3, times.last()).ends_with("; the last call took 375 ms, 75 of them for the file\n"));
  times.add_forward({0.1, 100}), times.add_backward({0.1, 100}, 0);
  CHECK(to_string(choice, 3, times.last()).ends_with("; the last call took 200 ms\n"));
}

TEST_CASE("short calls say nothing about long ones") {
  PassTimes times;
  times.add_forward({100, 10, 0});
  times.add_backward({100, 10, 0}, 0);
  CHECK(times.of_chunk(1, 4, 2).forward == 10);
  times.add_forward({300, 100, 1});
  times.add_backward({500, 100, 1}, 0);
  CHECK(times.of_chunk(1, 4, 2).forward == 3);  // the guess of a file's call, not the short one
  times.add_forward({400, 100, 0});
  CHECK(times.of_chunk(1, 4, 2).forward == 4);
  times.add_forward({10, 10, 0});
  CHECK(times.of_chunk(1, 4, 2).forward == 4);
  times.add_forward({120, 60, 0});
  CHECK(times.of_chunk(1, 4, 2).forward == 2);
  CHECK(times.of_chunk(1, 4, 2).forward_file == 1);
}

TEST_CASE("what a spill directory is used for is weighed, with a limit and without") {
  ChunkSizes sizes = sizes_of(400);
  for (std::size_t limit : {0, 60'000'000}) {
    CAPTURE(limit);
    MemoryOptions options{.swap_memory = true, .memory_limit = limit, .spill_directory = directory};
    Choice unknown = choose(sizes, options, {});
    CHECK(unknown.tier == Tier::spilled);
    CHECK(unknown.spill.spilled == 1);
    CHECK(unknown.bytes <= 60'000'000);
    Choice quick = choose(sizes, options, {.forward = 1e-9, .backward = 1e-9});
    CHECK(quick.tier == Tier::recomputed);
    CHECK(quick.bytes <= 60'000'000);
    CHECK(quick.seconds == doctest::Approx(800e-9 + quick.checkpoints.replayed * 1e-9));
    Choice slow = choose(sizes, options, {.forward = 1000, .backward = 1000});
    CHECK(slow.tier == Tier::spilled);
    CHECK(slow.spill.spilled == 1);
    CHECK(slow.seconds == doctest::Approx(800e3));
    // A file that takes more from the computation than computing again.
    Choice beside = choose(sizes, options, {1000, 1000, 600, 600});
    CHECK(beside.tier == Tier::recomputed);
    Choice cheap = choose(sizes, options, {1000, 1000, 100, 100});
    CHECK(cheap.tier == Tier::spilled);
    CHECK(cheap.seconds == doctest::Approx(880e3));
  }
}
