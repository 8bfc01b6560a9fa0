#pragma once
// Ctrl-C that lets a step end first.

namespace unroll {

/// While it lives, the first interrupt (SIGINT) is noted instead of ending the program; the second ends it at once, as
/// without this class. One at a time in a program (RuntimeError).
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether there was an interrupt.
  bool requested() const;
};

}  // namespace unroll
