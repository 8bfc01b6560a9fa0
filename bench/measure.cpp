#include "measure.hpp"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <unroll/core/thread_team.hpp>

#include "unroll/core/kernels/blas.hpp"
#include "unroll/core/kernels/target_name.hpp"

namespace bench {
namespace {

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown";
}

}  // namespace

void Timing::add_to(CLI::App& app) {
  app.add_option("--threads", threads, "threads that the library computes with")->capture_default_str();
  app.add_option("--reps", repetitions, "repetitions at most, after two to warm up")->capture_default_str();
  app.add_option("--seconds", seconds, "time to measure for at most")->capture_default_str();
  app.add_flag("--json", json, "print each result as a line of JSON");
}

Times measure(const Timing& timing, const std::function<void()>& step) {
  Times result{};
  result.base_mb = peak_mb();
  double start = now_ms();
  step();
  step();
  result.warm_up = (now_ms() - start) / 2;
  double stop = now_ms() + 1e3 * timing.seconds;
  std::vector<double> times;
  while (times.size() < 3 || (static_cast<int>(times.size()) < timing.repetitions && now_ms() < stop)) {
    start = now_ms();
    step();
    times.push_back(now_ms() - start);
  }
  std::sort(times.begin(), times.end());
  result.minimum = times[0];
  result.median = times[times.size() / 2];
  result.repetitions = times.size();
  result.peak_mb = peak_mb();
  return result;
}

Json machine(const Timing& timing) {
  return {{"processor", processor()},
          {"threads", timing.threads},
          {"blas", unroll::kernels::blas_core_type()},
          {"highway", unroll::kernels::highway_target()}};
}

int run_program(CLI::App& app, int argc, char** argv, const Timing& timing, const std::function<void()>& run) {
  CLI11_PARSE(app, argc, argv);
  try {
    unroll::set_num_threads(timing.threads);
    run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace bench
