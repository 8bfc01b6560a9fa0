#pragma once
// What `unroll` does: a file for each subcommand, which registers itself.
#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace unroll::program {

/// Adds a subcommand with its options and callback. The callback throws unroll::Error for what main prints on one line,
/// and CLI::RuntimeError for an exit status without a word.
using AddCommand = void (*)(CLI::App& app);

/// Those of all files that are linked, by name.
std::map<std::string, AddCommand>& commands();

/// Registers a subcommand, as an object of namespace scope: const Command command("run", add_run);
struct Command {
  Command(const std::string& name, AddCommand add) { commands().emplace(name, add); }
};

}  // namespace unroll::program
