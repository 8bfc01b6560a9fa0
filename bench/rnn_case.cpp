#include "rnn_case.hpp"

#include <CLI/CLI.hpp>

namespace bench {

void RnnCase::add_to(CLI::App& app, const std::string& variants) {
  app.add_option("--variant", variant, variants)->capture_default_str();
  app.add_option("--cell", cell, "rnn, lstm, gru, lstm_peephole or custom (an LSTM with layer norm)");
  app.add_option("--mode", mode, "train (forward and backward), infer, or step (one time step a call)");
  app.add_option("-B", batch, "batch size");
  app.add_option("-T", time, "time steps");
  app.add_option("-I", inputs, "input depth");
  app.add_option("-H", units, "units");
  app.add_option("--layers", layers, "cells in the stack");
  app.add_option("--lengths", lengths, "full, uniform, zipf, or a file of integers");
  app.add_option("--optimizer", optimizer, "none, or adam: its update is part of a training step");
  app.add_option("--seed", seed, "seed of data and weights");
}

Json result_line(const Subject& subject, const RnnCase& shape, const Timing& timing, const Times& times,
                 double tokens) {
  double per = shape.mode == "step" ? shape.time : 1;
  Json line = {{"peer", subject.peer},
               {"version", subject.version},
               {"cell", shape.cell},
               {"mode", shape.mode},
               {"B", shape.batch},
               {"T", shape.time},
               {"I", shape.inputs},
               {"H", shape.units},
               {"layers", shape.layers},
               {"lengths", shape.lengths.substr(shape.lengths.find_last_of('/') + 1)},
               {"tokens", tokens},
               {"ms_min", times.minimum / per},
               {"ms_median", times.median / per},
               {"reps", times.repetitions},
               {"peak_rss_mb", times.peak_mb},
               {"base_rss_mb", times.base_mb},
               {"steps_per_s", tokens / times.minimum * 1e3},
               {"warmup_ms", times.warm_up},
               {"notes", subject.notes}};
  line.update(machine(timing));
  return line;
}

}  // namespace bench
