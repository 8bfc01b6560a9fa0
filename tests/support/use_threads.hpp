#pragma once
// For tests that compare what several numbers of threads give.
#include "unroll/core/thread_team.hpp"

namespace testing {

/// The library computes with n threads until the scope ends.
class UseThreads {
 public:
  explicit UseThreads(int n) : before_(unroll::num_threads()) { unroll::set_num_threads(n); }
  ~UseThreads() { unroll::set_num_threads(before_); }
  UseThreads(const UseThreads&) = delete;

 private:
  int before_;
};

}  // namespace testing
