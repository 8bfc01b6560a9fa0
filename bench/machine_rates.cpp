// What bounds a recurrent layer on this machine, as a line of JSON: multiply-adds and reads per second with one thread
// and with more, nanoseconds of an LSTM's gates, sizes of the caches. tools/limit.py reads it.
#include "machine_rates.hpp"

#include <hwy/aligned_allocator.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <unroll/core/thread_team.hpp>

#include "measure.hpp"

namespace {

using hwy::AllocateAligned;
using Floats = hwy::AlignedFreeUniquePtr<float[]>;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Floats floats(std::size_t count) {
  Floats result = AllocateAligned<float>(count);
  std::fill_n(result.get(), count, 0.3f);
  return result;
}

/// Seconds of f(thread) on so many threads at once: the least of what fits into `total`, in rounds of some
/// milliseconds.
template <class F>
double seconds(int threads, F f, double total) {
  double start = now();
  f(0);
  const int calls = static_cast<int>(std::clamp(0.005 / (now() - start + 1e-9), 1.0, 1e6));
  double best = 1e30;
  const double end = now() + total;
  while (now() < end) {
    unroll::parallel(threads, [&](int index, unroll::Team& team) {
      team.barrier();
      if (index == 0) start = now();
      for (int k = 0; k < calls; ++k) f(index);
      team.barrier();
      if (index == 0) best = std::min(best, (now() - start) / calls);
    });
  }
  return best;
}

/// Bytes of a cache of the first CPU, by Linux's numbering of them: 0 is the first data cache.
std::size_t cache(int index, std::size_t otherwise) {
  std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/size");
  std::size_t size = 0;
  char unit = 'K';
  return file >> size >> unit ? size << (unit == 'M' ? 20 : 10) : otherwise;
}

struct Caches {
  std::size_t l1 = cache(0, 32 << 10), l2 = cache(2, 512 << 10), l3 = cache(3, 8 << 20);
};

/// Gigabytes per second, each thread in memory of its own.
double read_rate(int threads, std::size_t bytes, double total) {
  const std::size_t count = bytes / sizeof(float) / 256 * 256;
  std::vector<Floats> values;
  for (int k = 0; k < threads; ++k) values.push_back(floats(count));
  std::vector<float> sums(static_cast<std::size_t>(threads) * 16);
  const double time = seconds(
      threads, [&](int k) { sums[k * 16] += bench::read_all(values[k].get(), count); }, total);
  return threads * static_cast<double>(count * sizeof(float)) / time / 1e9;
}

bench::Json rates(int threads, const Caches& caches, double total) {
  constexpr std::size_t loops = 20000;
  const double operations = bench::multiply_add(loops);
  const double time = seconds(
      threads, [](int) { bench::multiply_add(loops); }, total);
  const std::size_t outside = std::clamp<std::size_t>(3 * caches.l3, 64 << 20, 256 << 20);
  return {{"fma_gflops", threads * operations / time / 1e9},
          {"l1_gbs", read_rate(threads, caches.l1 / 2, total)},
          {"l2_gbs", read_rate(threads, caches.l2 / 2, total)},
          {"l3_gbs", read_rate(threads, std::min<std::size_t>(caches.l3 / 3, 8 << 20), total)},
          {"dram_gbs", read_rate(threads, outside, total)}};
}

bench::Json gate_times(double total) {
  constexpr std::size_t n = 256;  // in the first cache
  Floats z = floats(4 * n), g = floats(4 * n), c = floats(n), next = floats(n), h = floats(n), dc = floats(n);
  const double forward = seconds(
      1, [&](int) { bench::lstm_gates(z.get(), c.get(), n, g.get(), next.get(), h.get()); }, total);
  const double backward = seconds(
      1, [&](int) { bench::lstm_gates_gradient(g.get(), c.get(), next.get(), h.get(), n, z.get(), dc.get()); }, total);
  return {{"forward", forward / n * 1e9}, {"backward", backward / n * 1e9}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures what bounds a recurrent layer on this machine and prints a line of JSON.");
  bench::Timing timing{.threads = unroll::num_threads(), .seconds = 1};
  app.add_option("--threads", timing.threads, "measure with one thread and with this many")->capture_default_str();
  app.add_option("--seconds", timing.seconds, "time to measure for, about")->capture_default_str();
  return bench::run_program(app, argc, argv, timing, [&] {
    const Caches caches;
    const double each = timing.seconds / (timing.threads > 1 ? 12 : 7);
    bench::Json result = {{"cache_bytes", {{"l1", caches.l1}, {"l2", caches.l2}, {"l3", caches.l3}}}};
    result["gates_ns"] = gate_times(each);
    result["threads"]["1"] = rates(1, caches, each);
    if (timing.threads > 1) result["threads"][std::to_string(timing.threads)] = rates(timing.threads, caches, each);
    result["machine"] = bench::machine(timing);
    std::cout << result.dump() << '\n';
  });
}
