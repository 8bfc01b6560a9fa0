#if !defined(__SANITIZE_THREAD__)  // under which a child process cannot start threads
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "unroll/core/thread_team.hpp"

using namespace unroll;

namespace {

int sum_of_indices(int n) {
  std::atomic<int> sum{0};
  parallel(n, [&](int index, Team& team) {
    team.barrier();
    sum += index;
  });
  return sum;
}

// What a child process returns from `f` as its exit status; -1 if it hangs.
template <class F>
int status_of_child(F f) {
  pid_t child = fork();
  if (child == 0) {
    alarm(20);  // ends the child
    f();
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a child process has a team of its own, and so has its parent still") {
  REQUIRE(sum_of_indices(3) == 3);
  CHECK(status_of_child([] { std::_Exit(sum_of_indices(4)); }) == 6);
  CHECK(sum_of_indices(3) == 3);
}

TEST_CASE("a thread of a child process ends without its parent's workers") {
  REQUIRE(sum_of_indices(3) == 3);
  int status = -1;
  std::thread user([&] {
    REQUIRE(sum_of_indices(2) == 1);
    status = status_of_child([] {
      std::thread([] {
        if (sum_of_indices(3) != 3) std::_Exit(1);
      }).join();
      std::_Exit(7);
    });
  });
  user.join();
  CHECK(status == 7);
}
#endif
