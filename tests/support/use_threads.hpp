#pragma once
// For tests that compare what several numbers of threads give.
#include "unroll/core/thread_team.hpp"

namespace testing {

/// The library computes with n threads until the scope ends, even where one alone would be faster.
class UseThreads {
 public:
  explicit UseThreads(int n)
      : before_(unroll::num_threads()), were_free_(unroll::detail::barriers_are_free().exchange(true)) {
    unroll::set_num_threads(n);
  }
  ~UseThreads() {
    unroll::detail::barriers_are_free() = were_free_;
    unroll::set_num_threads(before_);
  }
  UseThreads(const UseThreads&) = delete;

 private:
  int before_;
  bool were_free_;
};

}  // namespace testing
