// A cell as a function of one time step (compile_step), as a real-time thread calls it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <unroll/unroll.hpp>

#include "layer_norm_lstm.hpp"
#include "measure.hpp"

using namespace unroll;

namespace {

struct Options {
  std::string cell = "lstm", dtype = "float32", input = "noise";
  int batch = 1, time = 1000, inputs = 0, units = 0, layers = 1;

  void add_to(CLI::App& app) {
    app.add_option("--cell", cell, "rnn, lstm, gru, lstm_peephole or custom (an LSTM with layer norm)");
    app.add_option("--dtype", dtype, "float32 or float64")->check(CLI::IsMember({"float32", "float64"}));
    app.add_option("--input", input, "noise, or silence: the state fades away")
        ->check(CLI::IsMember({"noise", "silence"}));
    app.add_option("-B", batch, "batch size")->check(CLI::Range(1, 1000000));
    app.add_option("-T", time, "time steps a repetition")->check(CLI::Range(1, 1000000));
    auto depth = app.add_option("-I", inputs, "input depth");
    app.add_option("-H", units, "units; without -I and -H, some usual sizes")->needs(depth);
    app.add_option("--layers", layers, "cells in the stack")->check(CLI::Range(1, 1000000));
  }
};

std::shared_ptr<RNNCell> make_cell(const std::string& name, Index units, DType dtype) {
  if (name == "rnn") return std::make_shared<BasicRNNCell>(units, BasicRNNCellOptions{.dtype = dtype});
  if (name == "lstm") return std::make_shared<LSTMCell>(units, LSTMCellOptions{.dtype = dtype});
  if (name == "lstm_peephole")
    return std::make_shared<LSTMCell>(units, LSTMCellOptions{.use_peepholes = true, .dtype = dtype});
  if (name == "gru") return std::make_shared<GRUCell>(units, GRUCellOptions{.dtype = dtype});
  if (name == "custom") return std::make_shared<bench::LayerNormLSTM>(units);
  throw std::invalid_argument("there is no cell \"" + name + "\"");
}

template <class T>
bench::Json run(const Options& o, const bench::Timing& timing, int inputs, int units) {
  std::vector<std::shared_ptr<RNNCell>> cells;
  for (int k = 0; k < o.layers; ++k) cells.push_back(make_cell(o.cell, units, dtype_of<T>()));
  MultiRNNCell stack(cells);
  RNNCell& cell = o.layers == 1 ? *cells[0] : stack;
  cell.build(TensorSpec{{o.batch, inputs}, dtype_of<T>()});
  StepFunction step = compile_step(cell, o.batch, dtype_of<T>());
  StepState state = step.zero_state();
  Tensor x = random_normal({o.time, o.batch, inputs}, {.seed = 1}, dtype_of<T>());
  if (o.input == "silence") x = zeros_like(x);
  std::vector<T> y(static_cast<std::size_t>(step.output_size()));
  auto sequence = [&](auto&& around) {
    const T* from = x.data<T>();
    for (int t = 0; t < o.time; ++t, from += step.input_size()) around([&] { step(from, state, y.data()); });
  };
  bench::Times times = bench::measure(timing, [&] { sequence([](auto&& call) { call(); }); });
  // Single calls, with the clock's own time in them.
  using Clock = std::chrono::steady_clock;
  std::vector<double> calls;
  sequence([&](auto&& call) {
    auto start = Clock::now();
    call();
    calls.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  });
  std::sort(calls.begin(), calls.end());
  double us = 1e3 / o.time;
  bench::Json line = {{"cell", o.cell},
                      {"dtype", o.dtype},
                      {"input", o.input},
                      {"B", o.batch},
                      {"I", inputs},
                      {"H", units},
                      {"layers", o.layers},
                      {"us_min", times.minimum * us},
                      {"us_median", times.median * us},
                      {"call_us_99_percent", calls[calls.size() * 99 / 100]},
                      {"call_us_longest", calls.back()},
                      {"reps", times.repetitions}};
  line.update(bench::machine(timing));
  return line;
}

void run_all(const Options& o, const bench::Timing& timing) {
  std::vector<std::pair<int, int>> sizes = {{1, 8}, {1, 16}, {1, 24}, {1, 40}, {1, 64}, {1, 80}, {128, 128}};
  if (o.units > 0) sizes = {{o.inputs, o.units}};
  bool first = true;
  for (auto [inputs, units] : sizes) {
    bench::Json line =
        o.dtype == "float32" ? run<float>(o, timing, inputs, units) : run<double>(o, timing, inputs, units);
    if (timing.json) {
      std::cout << line.dump() << '\n';
      continue;
    }
    if (first)
      std::cout << line["processor"].get<std::string>() << ", " << line["highway"].get<std::string>() << ", " << o.cell
                << ", batch " << o.batch << "; microseconds a step\n"
                << "inputs  units   minimum    median   99 % of calls   longest\n";
    first = false;
    std::cout << std::fixed << std::setprecision(3) << std::setw(6) << inputs << std::setw(7) << units << std::setw(10)
              << line["us_min"].get<double>() << std::setw(10) << line["us_median"].get<double>() << std::setw(16)
              << line["call_us_99_percent"].get<double>() << std::setw(10) << line["call_us_longest"].get<double>()
              << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times single steps of a recurrent network: the mean of many, and the longest.");
  Options options;
  bench::Timing timing;
  timing.seconds = 1;
  options.add_to(app);
  timing.add_to(app);
  return bench::run_program(app, argc, argv, timing, [&] { run_all(options, timing); });
}
