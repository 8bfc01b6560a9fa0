// Training steps of whole models, with their loss, gradient clipping and Adam.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "measure.hpp"
#include "models.hpp"

namespace {

struct Options {
  std::string model = "all";
  int batch = 0, time = 0, units = 0;
};

int or_default(int given, int otherwise) { return given > 0 ? given : otherwise; }

void run(const Options& o, const bench::Timing& timing) {
  struct Entry {
    const char* name;
    bench::TrainedModel (*make)(int, int, int);
    int batch, time, units;
  };
  const Entry entries[] = {{"char", bench::char_model, 16, 64, 128}, {"adding", bench::adding_model, 64, 100, 32}};
  bench::Json machine = bench::machine(timing);
  if (!timing.json) {
    std::cout << machine.dump() << std::endl;
    std::printf("%-8s%6s%6s%6s%10s%10s%14s\n", "model", "B", "T", "H", "ms (min)", "(median)", "tokens/s");
  }
  bool found = false;
  for (const Entry& e : entries) {
    if (o.model != "all" && o.model != e.name) continue;
    found = true;
    int batch = or_default(o.batch, e.batch), time = or_default(o.time, e.time), units = or_default(o.units, e.units);
    bench::TrainedModel model = e.make(batch, time, units);
    bench::Times times = bench::measure(timing, model.step);
    double per_second = model.tokens / times.minimum * 1e3;
    if (timing.json) {
      bench::Json line = {{"peer", "unroll"},
                          {"version", UNROLL_VERSION},
                          {"model", e.name},
                          {"B", batch},
                          {"T", time},
                          {"H", units},
                          {"ms_min", times.minimum},
                          {"ms_median", times.median},
                          {"tokens_per_s", per_second},
                          {"reps", times.repetitions},
                          {"warmup_ms", times.warm_up},
                          {"peak_rss_mb", times.peak_mb}};
      line.update(machine);
      std::cout << line.dump() << std::endl;
    } else {
      std::printf("%-8s%6d%6d%6d%10.3f%10.3f%14.0f\n", e.name, batch, time, units, times.minimum, times.median,
                  per_second);
      std::fflush(stdout);
    }
  }
  if (!found) throw std::invalid_argument("there is no model \"" + o.model + "\"");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times training steps of whole models: forward, loss, backward, clipping, Adam.");
  Options options;
  bench::Timing timing;
  app.add_option("--model", options.model, "char (characters), adding (the adding problem), or all");
  app.add_option("-B", options.batch, "batch size; default: the example's");
  app.add_option("-T", options.time, "time steps; default: the example's");
  app.add_option("-H", options.units, "units; default: the example's");
  timing.add_to(app);
  return bench::run_program(app, argc, argv, timing, [&] { run(options, timing); });
}
