#include "train_run.hpp"

#include <unistd.h>

#include <charconv>
#include <iostream>
#include <limits>
#include <sstream>

#include "unroll/core/errors.hpp"
#include "unroll/core/random.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/file_bytes.hpp"

namespace unroll::program {
namespace {
namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::string& text) {
  AtomicFile file("train", path);
  file.write(text);
  file.commit();
}

void check_same(const std::string& folder, const std::string& of_run, const std::string& of_command) {
  std::istringstream run(of_run), command(of_command);
  std::string a, b;
  do {
    a = b = "nothing more";
    std::getline(run, a);
    std::getline(command, b);
  } while (a == b && run && command);
  if (of_run != of_command)
    raise<ValueError>(folder, "the run was started with ", a, ", the command has ", b, ": they have to be the same");
}

// Takes those lines away that a run wrote after the checkpoint that it goes on from.
void cut_table(const fs::path& path, std::int64_t first_step) {
  std::error_code error;
  if (!fs::exists(path, error)) return;
  std::istringstream all(read_file_bytes(path.string(), path));
  std::string kept, line;
  while (std::getline(all, line) && !all.eof()) {
    std::int64_t step = 0;
    std::from_chars(line.data(), line.data() + line.size(), step);  // 0 for the line of names
    if (step < first_step) kept += line + '\n';
  }
  write_file(path, kept);
}

}  // namespace

TrainRun::TrainRun(const TrainOptions& options, const CLI::App& command)
    : options_(options), folder_(options.out), text_(command.config_to_str(true, false)) {
  set_random_seed(options.seed);
  std::error_code error;
  if (options.resume) {
    if (!fs::exists(path("options.ini"), error)) raise<ValueError>(options.out, "there is no run to resume");
    check_same(options.out, read_file_bytes(path("options.ini").string(), path("options.ini")), text_);
  } else if (fs::exists(folder_, error) && !(fs::is_directory(folder_, error) && fs::is_empty(folder_, error))) {
    raise<ValueError>(options.out, "is there already: go on with --resume, or give another --out");
  }
}

FitOptions TrainRun::begin(const Batches& held_out, std::int64_t steps_per_epoch) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) raise<IOError>(options_.out, "cannot create the folder: ", error.message());
  if (!options_.resume) write("options.ini", text_);
  const std::int64_t total = options_.total(steps_per_epoch);
  return {.steps = total,
          .clip_norm = options_.clip,
          .folder = path("checkpoints"),
          .checkpoint_every = options_.checkpoint_every,
          .validation = &held_out,
          .validate_every = std::min(total, steps_per_epoch),
          .patience = options_.patience,
          .restore_best = true,
          .on_step =
              [this](const FitStatus& status) {
                record(status);
                return true;
              },
          .progress = &std::cerr,
          .progress_on_terminal = ::isatty(STDERR_FILENO) == 1,
          .catch_interrupt = true};
}

void TrainRun::write(const char* name, const std::string& text) const { write_file(path(name), text); }

void TrainRun::record(const FitStatus& status) {
  if (!csv_) {
    cut_table(path("loss.csv"), status.step);
    csv_.emplace(path("loss.csv"), std::vector<std::string>{"step", "loss", "validation_loss"});
    events_.emplace(folder_);
    events_->text("options", text_, status.step);
  }
  csv_->write({static_cast<double>(status.step), status.loss,
               status.validation_loss.value_or(std::numeric_limits<double>::quiet_NaN())});
  events_->scalar("loss", status.loss, status.step);
  if (status.validation_loss) events_->scalar("validation_loss", *status.validation_loss, status.step);
}

void TrainRun::end(const FitResult& result) const {
  if (!result.interrupted) return;
  std::cerr << "the same command with --resume goes on\n";
  constexpr int by_interrupt = 130;
  throw CLI::RuntimeError(by_interrupt);
}

}  // namespace unroll::program
