#pragma once
// What the benchmarks share: options, lengths of ragged rows, timing, and the JSON line.
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bench {

struct Options {
  std::string variant, cell = "lstm", mode = "train", lengths = "full";
  int batch = 32, time = 50, inputs = 64, units = 64, layers = 1, threads = 1, repetitions = 1000, seed = 1;
  double seconds = 3;
  /// Adds them to a command line.
  void add_to(CLI::App& app);
};

/// Row lengths: all `time` ("full"), 1 to time evenly spaced ("uniform"), time / rank^0.7 ("zipf"), or integers read
/// from a file; shuffled, except when full.
std::vector<std::int32_t> row_lengths(const Options& options);

/// Calls `step` twice to warm up, then until the repetitions or the seconds are used up, and prints one line of JSON:
/// minimum and median of the milliseconds of a call (in mode "step" of one of the `time` steps in a call), memory, and
/// what it was measured on.
void measure(const Options& options, const std::function<void()>& step, const std::string& notes);

/// The processor's name.
std::string processor();

}  // namespace bench
