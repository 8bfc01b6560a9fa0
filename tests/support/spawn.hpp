#pragma once
// Processes of their own, for tests that kill them: forks would not do, because sanitizers do not let them have
// threads.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace testing {

/// Runs a test case of this program that is skipped otherwise, with another variable of the environment, "NAME=value".
/// `test` is the begin of its name.
inline pid_t spawn_test(const std::string& test, const std::string& variable) {
  const std::string filter = "--test-case=" + test + "*";
  const char* arguments[] = {"/proc/self/exe", filter.c_str(), "--no-skip", nullptr};
  std::vector<const char*> variables{variable.c_str()};
  for (char** name = environ; *name; ++name) variables.push_back(*name);
  variables.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int error = posix_spawn(&child, arguments[0], &quiet, nullptr, const_cast<char**>(arguments),
                                const_cast<char**>(variables.data()));
  posix_spawn_file_actions_destroy(&quiet);
  REQUIRE(error == 0);
  return child;
}

/// Returns once the process has made the file, or has ended, whose status is still to be asked for.
inline void wait_for_file(pid_t child, const std::filesystem::path& file) {
  siginfo_t ended = {};
  while (!std::filesystem::exists(file) && ended.si_pid == 0) {
    usleep(100);
    REQUIRE(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0);
  }
}

}  // namespace testing
