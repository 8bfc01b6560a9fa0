#pragma once
// The options of the command line for files that do not say what their layers are.
#include <CLI/CLI.hpp>

#include "unroll/io/model_parts.hpp"

namespace unroll::program {

/// --layers, --activation and --reset-after, into `options`, which outlives the command.
void add_part_options(CLI::App& command, PartOptions& options);

}  // namespace unroll::program
