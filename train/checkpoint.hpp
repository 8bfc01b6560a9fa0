#pragma once
// Checkpoints: all that a training run needs to go on as if nothing had happened.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "unroll/autograd/module.hpp"
#include "unroll/io/named_tensors.hpp"
#include "unroll/optim/optimizer.hpp"

namespace unroll {

/// What is saved and restored: the variables of the modules, the optimiser's slots and number of steps, variables
/// beside them (those of averages, say), the state of the global random generator, and how many random numbers modules
/// have drawn under seeds of their own (DropoutWrapper's masks, say). The modules have to be built.
struct TrainingState {
  std::vector<Module*> modules;
  Optimizer* optimizer = nullptr;
  std::vector<Variable> others = {};
};

struct CheckpointerOptions {
  /// How many of the latest checkpoints stay. The best stays besides.
  int keep = 3;
};

/// Checkpoints in a folder: "checkpoint-0000000120.safetensors", one file each, which any program that reads
/// safetensors opens. A file is written beside its place, brought to the disk and renamed, so a crash at any instant
/// leaves the older ones whole; a checksum over all of its content shows damage.
///
///     Checkpointer checkpointer("run", {{&cell, &head}, &adam});
///     std::int64_t step = 0;
///     if (auto found = checkpointer.restore()) step = found->step;
///     for (; step < 1000; ++step) {
///       ...
///       if (step % 100 == 99) checkpointer.save(step + 1);
///     }
class Checkpointer {
 public:
  /// Creates the folder. Throws IOError if that is impossible, ValueError unless `keep` is at least 1.
  Checkpointer(std::filesystem::path folder, TrainingState state, CheckpointerOptions options = {});

  /// What is saved with the state, under names of the program's own, as tensors may be.
  using Texts = std::map<std::string, std::string>;
  /// Writes a checkpoint and removes those that are too old; gives its path. Throws IOError if it cannot be written;
  /// then all older ones are still there. ValueError for a module that is not built.
  std::filesystem::path save(std::int64_t step, const Texts& texts = {}, const NamedTensors& tensors = {});
  /// Writes "best.safetensors", which stays until the next call.
  std::filesystem::path save_best(std::int64_t step, const Texts& texts = {});

  struct Restored {
    std::filesystem::path path;
    std::int64_t step = 0;
    Texts texts;
    NamedTensors tensors;
    /// What was wrong with newer files that had to be passed over.
    std::vector<std::string> damaged;
  };
  /// Gives the state of the latest checkpoint that is not damaged; nothing if there is no checkpoint at all. Throws
  /// DataLossError if all are damaged; ValueError or TypeError if one is of another model or optimiser. After an error
  /// nothing has changed.
  std::optional<Restored> restore();
  /// The same from "best.safetensors".
  std::optional<Restored> restore_best();

  /// The checkpoints that are there, oldest first, without the best.
  std::vector<std::filesystem::path> list() const;

 private:
  std::filesystem::path write(const std::filesystem::path& path, std::int64_t step, const Texts& texts,
                              const NamedTensors& extra);
  Restored read(const std::filesystem::path& path);

  std::filesystem::path folder_;
  TrainingState state_;
  CheckpointerOptions options_;
};

}  // namespace unroll
