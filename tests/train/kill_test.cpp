#include <csignal>
#include <cstdlib>
#include <fstream>

#include "support/spawn.hpp"
#include "toy.hpp"

using namespace unroll;
using namespace testing;

namespace {

FitOptions options(const std::filesystem::path& folder) {
  return {.steps = 30, .folder = folder, .checkpoint_every = 1, .keep = 2};
}

}  // namespace

TEST_CASE("(a process of the next test) trains" * doctest::skip()) {
  const char* run = std::getenv("UNROLL_TEST_RUN");
  REQUIRE(run);
  std::ofstream(std::string(run) + ".begun");
  Toy().fit(options(run));
}

TEST_CASE("a run that is killed a hundred times at any instant ends with the same bits") {
  TemporaryFolder folder;
  Toy whole;
  whole.fit(options(folder / "whole"));
  RandomGenerator random(7);
  int kills = 0, runs = 0;
  useconds_t longest = 4000;
  while (kills < 100) {
    const std::filesystem::path run = folder / ("run" + std::to_string(runs++)), begun = run.string() + ".begun";
    for (bool finished = false; !finished;) {
      std::filesystem::remove(begun);
      const pid_t child = spawn_test("(a process of the next test)", "UNROLL_TEST_RUN=" + run.string());
      wait_for_file(child, begun);
      usleep(static_cast<useconds_t>(random.uniform({}, 0, longest).item<double>()));
      kill(child, SIGKILL);
      int status = 0;
      REQUIRE(waitpid(child, &status, 0) == child);
      if (WIFSIGNALED(status)) {
        CHECK(WTERMSIG(status) == SIGKILL);
        ++kills;
        longest += longest / 50;  // on a slow machine it has to get further in the end
      } else {
        REQUIRE(WEXITSTATUS(status) == 0);
        finished = true;
      }
    }
    Toy resumed;
    const FitResult result = resumed.fit(options(run));
    CHECK(result.resumed == 30);
    CHECK(result.damaged.empty());
    check_same_bits(resumed.values(), whole.values());
  }
  MESSAGE(kills << " kills in " << runs << " runs");
}
