#pragma once
// What the benchmarks share: how often and on how many threads, timing, and what it was measured on.
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace CLI {
class App;
}

namespace bench {

using Json = nlohmann::ordered_json;

struct Timing {
  int threads = 1, repetitions = 1000;
  double seconds = 3;
  bool json = false;
  /// Adds --threads, --reps, --seconds and --json to a command line.
  void add_to(CLI::App& app);
};

/// Milliseconds, and megabytes of the process at its largest: before the first call, and after the last.
struct Times {
  double minimum, median, warm_up;
  std::size_t repetitions;
  double base_mb, peak_mb;
};

/// Calls `step` twice to warm up, then at least three times, until the repetitions or the seconds are used up.
Times measure(const Timing& timing, const std::function<void()>& step);

/// What it runs on: the processor's name, the threads, OpenBLAS's core type, Highway's target.
Json machine(const Timing& timing);

/// Parses the command line, sets the number of threads, and calls `run`; what a benchmark's main returns.
int run_program(CLI::App& app, int argc, char** argv, const Timing& timing, const std::function<void()>& run);

}  // namespace bench
