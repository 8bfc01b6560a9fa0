#pragma once
// Processes of a test's own, and what may be wrong with the disk.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <functional>
#include <stdexcept>

namespace testing {

/// How a child process ends that runs `body`, which gives its exit status; what it throws is status 99.
inline int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      ::_exit(body());
    } catch (...) {
      ::_exit(99);
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

/// From here on, files of this process end at so many bytes, as if the disk were full.
inline void fill_disk(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("the limit cannot be set");
}

/// From here on, this process may write to what all may write to: root may write to everything.
inline void become_nobody() {
  constexpr uid_t nobody = 65534;
  if (::getuid() == 0 && ::setuid(nobody) != 0) throw std::runtime_error("there is no way to be nobody");
}

}  // namespace testing
