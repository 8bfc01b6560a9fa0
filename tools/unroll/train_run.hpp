#pragma once
// The folder of a training run.
#include <filesystem>
#include <optional>

#include "train_options.hpp"
#include "unroll/train/csv_writer.hpp"
#include "unroll/train/event_writer.hpp"
#include "unroll/train/trainer.hpp"

namespace unroll::program {

/// options.ini, what the run was started with; checkpoints/; loss.csv and event files; what the recipe adds.
class TrainRun {
 public:
  /// Seeds the random generator. Throws ValueError if the folder has something in it and the run is not resumed, or if
  /// there is no run that the command's options began.
  TrainRun(const TrainOptions& options, const CLI::App& command);
  TrainRun(const TrainRun&) = delete;

  std::filesystem::path path(const char* name) const { return folder_ / name; }

  void write(const char* name, const std::string& text) const;

  /// Creates the folder: to be called when the data is known to be good. `held_out` is looked at after each epoch, and
  /// the best weights are those that fit() ends with.
  FitOptions begin(const Batches& held_out, std::int64_t steps_per_epoch);
  /// Throws CLI::RuntimeError(130), after a word on how to go on, if the run was interrupted.
  void end(const FitResult& result) const;

 private:
  void record(const FitStatus& status);

  const TrainOptions& options_;
  std::filesystem::path folder_;
  std::string text_;  // of options.ini
  std::optional<CsvWriter> csv_;
  std::optional<EventWriter> events_;
};

}  // namespace unroll::program
