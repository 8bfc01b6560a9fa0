#pragma once
// What `unroll` does: each function adds a subcommand, which throws unroll::Error for what main prints on one line, and
// CLI::RuntimeError for an exit status without a word.
#include <CLI/CLI.hpp>

namespace unroll::program {

/// Prints what a shell needs to complete the other subcommands, their options and the files behind them.
void add_completion(CLI::App& app);
/// Writes a file of weights in another format.
void add_convert(CLI::App& app);
/// Compares two files of weights by name; status 1 if something differs by more than the tolerance.
void add_diff(CLI::App& app);
/// A table of names, shapes, dtypes, counts, ranges and numbers of elements that are not finite.
void add_inspect(CLI::App& app);
/// Draws the curves of a training run.
void add_plot(CLI::App& app);
/// Feeds a model a file of inputs, one row or frame a time step, and writes its outputs.
void add_run(CLI::App& app);

}  // namespace unroll::program
