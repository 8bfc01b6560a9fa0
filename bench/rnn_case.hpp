#pragma once
// The command line and the line of JSON of the programs that time one recurrent network, ours and others'.
#include <string>

#include "measure.hpp"

namespace bench {

struct RnnCase {
  std::string variant, cell = "lstm", mode = "train", lengths = "full", optimizer = "none";
  int batch = 32, time = 50, inputs = 64, units = 64, layers = 1, seed = 1;

  /// `variants` says in --help what a program takes for --variant.
  void add_to(CLI::App& app, const std::string& variants);
};

/// Who was timed, and what to say of it.
struct Subject {
  std::string peer, version, notes;
};

/// Everything of `shape`, `timing` and `times`. `tokens` is the number of time steps inside the lengths of all rows;
/// in mode "step" the milliseconds are of one time step.
Json result_line(const Subject& subject, const RnnCase& shape, const Timing& timing, const Times& times, double tokens);

}  // namespace bench
