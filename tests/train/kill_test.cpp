#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "toy.hpp"

using namespace unroll;
using namespace testing;

namespace {

FitOptions options(const std::filesystem::path& folder) {
  return {.steps = 30, .folder = folder, .checkpoint_every = 1, .keep = 2};
}

// A process of its own that trains; what it is.
pid_t start(const std::filesystem::path& folder) {
  const pid_t child = fork();
  if (child != 0) return child;
  alarm(60);  // should the test not live to kill it
  try {
    Toy().fit(options(folder));
    _exit(0);
  } catch (...) {
    _exit(1);
  }
}

}  // namespace

TEST_CASE("a run that is killed a hundred times at any instant ends with the same bits") {
  TemporaryFolder folder;
  Toy whole;
  whole.fit(options(folder / "whole"));
  RandomGenerator random(7);
  int kills = 0, runs = 0;
  useconds_t longest = 4000;
  while (kills < 100) {
    const auto run = folder / ("run" + std::to_string(runs++));
    for (bool finished = false; !finished;) {
      const pid_t child = start(run);
      REQUIRE(child > 0);
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
