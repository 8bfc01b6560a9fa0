#pragma once
// A line that says how far training is.
#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace unroll {

struct ProgressOptions {
  /// Whether `out` is a terminal: one line that is written over. Otherwise a plain line now and then.
  bool terminal = false;
  /// Between plain lines, and between live ones.
  std::chrono::milliseconds plain_interval{3000}, live_interval{100};
};

/// Writes to a stream that the program names, the only thing in the library that does:
///
///     120/1000 [==>                 ]  12%  loss 0.1234  learning_rate 0.001  35.2 steps/s  25 s left
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  using Values = std::vector<std::pair<std::string, double>>;

  Progress(std::ostream& out, std::int64_t first_step, std::int64_t last_step, ProgressOptions options = {},
           Clock::time_point start = Clock::now());

  /// After a step; `step` counts from the start of all training. Writes if it is time.
  void update(std::int64_t step, const Values& values, Clock::time_point now = Clock::now());
  /// A line of its own.
  void say(const std::string& text);
  /// Writes the last state, unless its line is there, and ends the live one.
  void finish(Clock::time_point now = Clock::now());

 private:
  std::string line(Clock::time_point now) const;
  void write(Clock::time_point now);

  std::ostream& out_;
  std::int64_t first_, last_, step_;
  ProgressOptions options_;
  Clock::time_point start_, written_;
  Values values_;
  std::size_t width_ = 0;  // of the live line
  bool is_news_ = true;    // whether the state has not been written
};

}  // namespace unroll
