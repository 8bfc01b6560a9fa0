#pragma once
// Readers of files that fuzzing feeds: a file of this folder for each kind, which registers itself.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/cells.hpp"

namespace testing {

struct Target {
  /// Of the files, as the reader expects it: ".npy".
  std::string extension;
  /// Contents of files that are as they should be.
  std::vector<std::string> (*seeds)();
  /// Throws unroll::Error, and nothing else, for a file that is not.
  void (*read)(const std::filesystem::path& path);
  /// Whether the message has the file's name in it: what gets tensors knows of none.
  bool names_file = true;
};

/// Those of all files that are linked, by name.
std::map<std::string, Target>& targets();

/// Registers a target, as an object of namespace scope: const FuzzTarget npy("npy", {".npy", seeds, read});
struct FuzzTarget {
  FuzzTarget(const std::string& name, const Target& target) { targets().emplace(name, target); }
};

/// What `write` writes to the path that it is given.
template <class F>
std::string written(const std::string& extension, F&& write) {
  TemporaryFolder folder;
  write(folder / ("seed" + extension));
  return read_file(folder / ("seed" + extension));
}

/// A module built for `inputs` inputs, with random values.
template <class M>
M with_values(M module, unroll::Index inputs, unroll::DType dtype = unroll::float32) {
  module.build(unroll::TensorSpec{{1, inputs}, dtype});
  randomize(module);
  return module;
}

}  // namespace testing
