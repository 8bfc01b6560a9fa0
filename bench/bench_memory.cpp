// A training step of a long sequence with a limit on the memory for its backward pass: time, and the process's memory.
#include <CLI/CLI.hpp>
#include <iostream>
#include <unroll/unroll.hpp>

#include "measure.hpp"
#include "rnn_case.hpp"

using namespace unroll;

namespace {

struct Options {
  bench::RnnCase shape;
  double share = 1;
  std::string spill_directory;
  bool spill_always = false;
};

// What the backward pass needs of a sequence when all of it is stored, in bytes.
double stored_bytes(RNNCell& cell, const bench::RnnCase& o) {
  GradientTape tape;
  Tensor x = zeros({2, o.batch, o.inputs});
  tape.watch(x);
  dynamic_rnn(cell, x, {.dtype = float32, .time_major = true});
  double bytes = 0;
  for (const TapeRecord& record : tape.records()) bytes += static_cast<double>(record.bytes);
  return bytes / 2 * o.time;
}

void run(const Options& options, const bench::Timing& timing) {
  const bench::RnnCase& o = options.shape;
  auto cell = std::make_unique<LSTMCell>(o.units);
  RandomGenerator random(static_cast<std::uint64_t>(o.seed));
  Tensor x = random.normal({o.time, o.batch, o.inputs}), gradient = random.normal({o.time, o.batch, o.units});
  DynamicRnnOptions how{.dtype = float32, .time_major = true};
  double stored = stored_bytes(*cell, o);
  if (options.share < 1 || !options.spill_directory.empty()) {
    how.swap_memory = true;
    how.spill_directory = options.spill_directory;
    how.memory_limit = options.share < 1 ? static_cast<std::size_t>(options.share * stored) : 0;
  }
  std::string plan;
  int calls = 0;
  auto step = [&] {
    if (options.spill_always) cell = std::make_unique<LSTMCell>(o.units);  // nobody knows its times
    GradientTape tape;
    tape.watch(x);
    // Predicted from two steps that warm up, not from those timed.
    if (++calls == 3) plan = explain(*cell, x, how);
    Nest outputs = dynamic_rnn(*cell, x, how).outputs;
    std::vector<Variable> variables = cell->variables();
    std::vector<Tensor> sources(variables.begin(), variables.end());
    sources.push_back(x);
    tape.gradient(outputs, sources, {.output_gradients = gradient});
  };
  bench::Times times = bench::measure(timing, step);
  plan = plan.substr(plan.rfind("memory: ") + 8);
  bench::Json line = bench::result_line({"unroll", UNROLL_VERSION, plan.substr(0, plan.find('\n'))}, o, timing, times,
                                        static_cast<double>(o.batch) * o.time);
  line["stored_mb"] = stored * 1e-6;
  line["share"] = options.share;
  line["spill_directory"] = options.spill_directory;
  std::cout << line.dump() << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Times a training step of a long sequence (LSTM, float32, gradients of inputs too) whose memory for the\n"
      "backward pass is limited. Prints a line of JSON: peak_rss_mb - base_rss_mb is the step's own memory with its\n"
      "outputs and gradients; notes say what was chosen and predicted.");
  Options options;
  options.shape.batch = 8;
  options.shape.time = 10000;
  options.shape.units = 128;
  bench::Timing timing;
  timing.threads = 2;
  timing.repetitions = 3;
  timing.seconds = 0;
  options.shape.add_to(app, "none");
  app.add_option("--share", options.share, "of the memory that storing all takes")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  app.add_option("--spill", options.spill_directory, "a directory for what does not fit");
  app.add_flag("--spill-always", options.spill_always, "also where computing again is faster; nothing is predicted")
      ->needs("--spill");
  timing.add_to(app);
  return bench::run_program(app, argc, argv, timing, [&] { run(options, timing); });
}
