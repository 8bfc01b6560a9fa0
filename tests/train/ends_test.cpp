#include <cstdlib>

#include "support/child.hpp"
#include "support/spawn.hpp"
#include "toy.hpp"
#include "unroll/train/csv_writer.hpp"
#include "unroll/train/event_writer.hpp"

using namespace unroll;
using namespace testing;
namespace fs = std::filesystem;

namespace {

// 0 if `body` throws an IOError with this in its message.
template <class F>
int says(const std::string& expected, F&& body) {
  try {
    body();
  } catch (const IOError& error) {
    return std::string(error.what()).find(expected) == std::string::npos ? 2 : 0;
  }
  return 1;
}

// How a process ends that runs this test case in this folder.
int end_of(const std::string& test, const fs::path& run) {
  int status = 0;
  const pid_t child = spawn_test(test, "UNROLL_TEST_RUN=" + run.string());
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_CASE("(a process whose disk gets full)" * doctest::skip()) {
  Toy toy;
  const int said = says("checkpoint-0000000004.safetensors: File too large", [&] {
    toy.fit({.steps = 6, .folder = std::getenv("UNROLL_TEST_RUN"), .checkpoint_every = 2, .on_step = [](const auto& s) {
               if (s.step == 3) fill_disk(1);
               return s.step <= 4;
             }});
  });
  CHECK(said == 0);
}

TEST_CASE("a disk that gets full ends training at the next checkpoint; the older one is whole and training resumes") {
  TemporaryFolder folder;
  Toy whole;
  whole.fit({.steps = 6, .folder = folder / "whole", .checkpoint_every = 2});
  const fs::path run = folder / "run";
  CHECK(end_of("(a process whose disk gets full)", run) == 0);
  CHECK(std::distance(fs::directory_iterator(run), {}) == 1);
  Toy resumed;
  const FitResult result = resumed.fit({.steps = 6, .folder = run, .checkpoint_every = 2});
  CHECK(result.resumed == 2);
  CHECK(result.damaged.empty());
  check_same_bits(resumed.values(), whole.values());
}

TEST_CASE("(a process that may not write)" * doctest::skip()) {
  become_nobody();
  const fs::path run = std::getenv("UNROLL_TEST_RUN");
  int steps = 0;
  CHECK(says("Permission denied", [&] {
          Toy().fit({.steps = 6, .folder = run, .on_step = [&](const auto&) { return ++steps > 0; }});
        }) == 0);
  CHECK(steps == 0);
  CHECK(Toy().fit({.steps = 3, .folder = run}).resumed == 3);
}

TEST_CASE("a folder that is closed is said before the first step, unless there is none to take") {
  TemporaryFolder folder;
  const fs::path run = folder / "run";
  Toy().fit({.steps = 3, .folder = run});
  fs::permissions(folder.path(), fs::perms::all);
  constexpr fs::perms written = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
  fs::permissions(run, fs::perms::all & ~written);
  for (const auto& file : fs::directory_iterator(run)) fs::permissions(file.path(), fs::perms::all & ~written);
  CHECK(end_of("(a process that may not write)", run) == 0);
  fs::permissions(run, fs::perms::owner_all);
  CHECK(Toy().fit({.steps = 3, .folder = run}).resumed == 3);
}

TEST_CASE("(a process that is interrupted twice)" * doctest::skip()) {
  Toy().fit({.steps = 6,
             .folder = std::getenv("UNROLL_TEST_RUN"),
             .checkpoint_every = 2,
             .on_step =
                 [](const auto& s) {
                   for (int k = 0; s.step == 3 && k < 2; ++k) std::raise(SIGINT);
                   return true;
                 },
             .catch_interrupt = true});
}

TEST_CASE("the second interrupt ends the program at once; the older checkpoint is whole") {
  TemporaryFolder folder;
  const int status = end_of("(a process that is interrupted twice)", folder / "run");
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  CHECK(Toy().fit({.steps = 6, .folder = folder / "run"}).resumed == 2);
}

TEST_CASE("records say at once that the disk is full or the folder closed") {
  TemporaryFolder folder;
  fs::create_directory(folder / "closed");
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(folder / "closed", fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(in_child([&] {
          become_nobody();
          return says("closed/events.out", [&] { EventWriter writer(folder / "closed"); }) +
                 says("closed/x.csv", [&] { CsvWriter(folder / "closed/x.csv", {"a"}); });
        }) == 0);
  CHECK(in_child([&] {
          EventWriter events(folder.path());
          CsvWriter table(folder / "x.csv", {"step", "loss"});
          fill_disk(1);
          return says("events.out", [&] { events.scalar("loss", 0.5, 1); }) + says("x.csv", [&] {
                   table.write({1, 0.5});
                 });
        }) == 0);
  CHECK(read_file(folder / "x.csv") == "step,loss\n");
}
