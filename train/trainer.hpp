#pragma once
// fit: the training loop that most programs would write, with what they would leave out.
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "unroll/optim/reduce_on_plateau.hpp"
#include "unroll/train/batches.hpp"
#include "unroll/train/checkpoint.hpp"

namespace unroll {

/// What a callback sees after a step.
struct FitStatus {
  std::int64_t step = 0, epoch = 0;  // steps taken, epochs completed
  double loss = 0;
  std::optional<double> validation_loss;  // if it was computed after this step
  std::optional<double> metric;           // likewise
};

struct FitOptions {
  /// How long; one of the two, counted from the start of all training.
  std::int64_t epochs = 0, steps = 0;
  /// Gradients are clipped to this global norm; 0: they are not.
  double clip_norm = 0;
  /// Told the optimiser. What is raised names the step, and the checkpoints are those before it; what is skipped is
  /// counted.
  NonFinite non_finite = NonFinite::raise;

  /// Where checkpoints are; empty: there are none. Training goes on from the latest one in the folder,
  /// and does not start if the folder cannot be written to.
  std::filesystem::path folder = {};
  /// Steps from one checkpoint to the next; 0: one after each epoch. There is one at the end in any case.
  std::int64_t checkpoint_every = 0;
  int keep = 3;

  /// After each epoch, or each so many steps, the mean loss over these, outside of any tape.
  const Batches* validation = nullptr;
  std::int64_t validate_every = 0;
  /// A number beside the loss, the share of right answers, say: its mean over the rows of `validation` is told the
  /// callback and shown by this name.
  std::function<double(const Batch& batch)> metric = {};
  std::string metric_name = "metric";
  /// Ends after so many validations that were no better than the best; 0: never.
  int patience = 0;
  /// Whether the end is the state of the best validation; needs a folder. If its file is damaged, the last state is.
  bool restore_best = false;
  /// Told each validation loss.
  ReduceOnPlateau* plateau = nullptr;

  /// Saved with the rest: the variables of averages, say.
  std::vector<Variable> others = {};
  /// Called after each step; training ends if it gives false.
  std::function<bool(const FitStatus& status)> on_step = {};
  /// Where progress is written to; null: nowhere. See progress.hpp for what is written.
  std::ostream* progress = nullptr;
  bool progress_on_terminal = false;
  /// Whether Ctrl-C ends the step and writes a checkpoint; the second one ends the program.
  bool catch_interrupt = false;
};

struct FitResult {
  std::int64_t step = 0;     // taken in all
  std::int64_t resumed = 0;  // at this one
  double loss = 0;           // of the last step
  std::int64_t skipped = 0;  // steps without effect because of NonFinite::skip
  std::optional<double> best_validation_loss;
  std::int64_t best_step = 0;
  bool interrupted = false, stopped_early = false;
  std::filesystem::path checkpoint;  // the last one written
  std::vector<std::string> damaged;  // what was wrong with checkpoints that had to be passed over
};

/// Takes steps of the optimiser along the gradient of `loss`, batch by batch:
///
///     LSTMCell cell(64);
///     Dense head(1);
///     Adam adam;
///     fit({&cell, &head}, adam, batches, [&](const Batch& batch) {
///       auto [outputs, state] = dynamic_rnn(cell, batch.inputs, {.sequence_length = batch.lengths, .dtype = float32});
///       return mean_squared_error(batch.targets, head(state["h"]));
///     }, {.epochs = 20, .folder = "run", .progress = &std::cerr});
///
/// A run that was ended at any instant, even by kill -9, and is started again with the same arguments reaches the same
/// bits, if `loss` draws random numbers from the global generator and in cells alone. Sequences too long to be walked
/// back as a whole: fit_truncated of truncated.hpp. Modules that are not built are built by a call
/// of `loss`. Throws ValueError for options that do not go together, and whatever the loss, the optimiser and the
/// Checkpointer throw.
FitResult fit(const std::vector<Module*>& modules, Optimizer& optimizer, const Batches& batches,
              const std::function<Tensor(const Batch&)>& loss, const FitOptions& options);

}  // namespace unroll
