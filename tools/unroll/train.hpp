#pragma once
// What `unroll train` can train: a file for each recipe, which registers itself.
#include "commands.hpp"

namespace unroll::program {

/// Those of all files that are linked, by name.
std::map<std::string, AddCommand>& recipes();

/// Registers a recipe, as an object of namespace scope: const Recipe recipe("lm", add_lm);
struct Recipe {
  Recipe(const std::string& name, AddCommand add) { recipes().emplace(name, add); }
};

}  // namespace unroll::program
