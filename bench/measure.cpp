#include "measure.hpp"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "unroll/core/kernels/blas.hpp"

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

}  // namespace

void Options::add_to(CLI::App& app) {
  app.add_option("--variant", variant, "path to take: only eager so far");
  app.add_option("--cell", cell, "rnn, lstm, gru, lstm_peephole or custom (an LSTM with layer norm)");
  app.add_option("--mode", mode, "train (forward and backward), infer, or step (one time step a call)");
  app.add_option("-B", batch, "batch size");
  app.add_option("-T", time, "time steps");
  app.add_option("-I", inputs, "input depth");
  app.add_option("-H", units, "units");
  app.add_option("--layers", layers, "cells in the stack");
  app.add_option("--lengths", lengths, "full, uniform, zipf, or a file of integers");
  app.add_option("--threads", threads, "threads; the library uses one so far");
  app.add_option("--reps", repetitions, "repetitions at most");
  app.add_option("--seconds", seconds, "time to measure for at most");
  app.add_option("--seed", seed, "seed of data and weights");
}

std::vector<std::int32_t> row_lengths(const Options& o) {
  std::vector<std::int32_t> n(static_cast<std::size_t>(o.batch), o.time);
  if (o.lengths == "full") return n;
  if (o.lengths == "uniform") {
    for (int b = 0; b < o.batch; ++b) n[b] = 1 + (o.time - 1) * b / std::max(1, o.batch - 1);
  } else if (o.lengths == "zipf") {
    for (int b = 0; b < o.batch; ++b)
      n[b] = std::max(1, static_cast<int>(std::nearbyint(o.time / std::pow(b + 1, 0.7))));
  } else {
    std::ifstream file(o.lengths);
    for (auto& length : n)
      if (!(file >> length)) throw std::runtime_error("no " + std::to_string(o.batch) + " lengths in " + o.lengths);
  }
  // The linear congruential generator that the programs for other libraries use, so that all get the same rows.
  std::uint64_t state = static_cast<std::uint64_t>(o.seed);
  for (int last = o.batch - 1; last > 0; --last) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::swap(n[last], n[(state >> 33) % static_cast<std::uint64_t>(last + 1)]);
  }
  return n;
}

void measure(const Options& o, const std::function<void()>& step, const std::string& notes) {
  double base = peak_mb(), start = now_ms();
  step();
  step();
  double warm_up = (now_ms() - start) / 2, stop = now_ms() + 1e3 * o.seconds;
  std::vector<double> times;
  while (static_cast<int>(times.size()) < o.repetitions && (times.size() < 3 || now_ms() < stop)) {
    start = now_ms();
    step();
    times.push_back(now_ms() - start);
  }
  std::sort(times.begin(), times.end());
  double tokens = 0, per = o.mode == "step" ? o.time : 1;
  for (auto n : row_lengths(o)) tokens += n;
  nlohmann::ordered_json line = {{"peer", "unroll"},
                                 {"version", UNROLL_VERSION},
                                 {"cell", o.cell},
                                 {"mode", o.mode},
                                 {"B", o.batch},
                                 {"T", o.time},
                                 {"I", o.inputs},
                                 {"H", o.units},
                                 {"layers", o.layers},
                                 {"lengths", o.lengths.substr(o.lengths.find_last_of('/') + 1)},
                                 {"threads", o.threads},
                                 {"ms_min", times[0] / per},
                                 {"ms_median", times[times.size() / 2] / per},
                                 {"reps", times.size()},
                                 {"peak_rss_mb", peak_mb()},
                                 {"base_rss_mb", base},
                                 {"steps_per_s", tokens / times[0] * 1e3},
                                 {"warmup_ms", warm_up},
                                 {"notes", notes},
                                 {"processor", processor()},
                                 {"blas", unroll::kernels::blas_core_type()}};
  std::cout << line.dump() << '\n';
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown";
}

}  // namespace bench
