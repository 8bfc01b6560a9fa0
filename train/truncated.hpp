#pragma once
// fit_truncated: truncated back-propagation through time, for sequences too long to be walked back as a whole.
#include "unroll/train/trainer.hpp"

namespace unroll {

struct TruncatedOptions {
  /// Time steps that a step of the optimiser looks at: windows of a batch follow one another; the last may be shorter.
  Index window = 0;
  /// The state that so many rows have before their first time step: `cell.zero_state(rows, float32)`, or a
  /// LearnedInitialState, which is to be among the modules.
  std::function<Nest(Index rows)> initial_state = {};
  /// Time steps before the first window of a batch that bring the state to life: the loss is called on them, and its
  /// value thrown away. The gradient of the window that follows goes back through them to the initial state. Batches
  /// have to be longer.
  Index burn_in = 0;
  /// Whether a window goes on with the state that the one before it ended with, through which no gradient goes.
  /// Otherwise each window begins with the initial state and a burn-in of its own, on the steps before it.
  bool carry_state = true;
};

/// The loss of a window; sets `state`, which is that before its first step, to that after its last. Rows that end
/// within a window, or before it, have `lengths` down to 0. Targets are cut like inputs if they are (batch, time, ...);
/// others come whole with each window.
using TruncatedLoss = std::function<Tensor(const Batch& window, Nest& state)>;

/// As fit (Williams and Peng 1990; with a carried state what TensorFlow's documentation calls truncated_backprop):
///
///     fit_truncated({&cell, &head}, adam, batches, [&](const Batch& window, Nest& state) {
///       auto [outputs, next] = dynamic_rnn(cell, window.inputs, {.initial_state = state});
///       state = next;
///       return mean_squared_error(window.targets, head(outputs));
///     }, {.window = 64, .initial_state = [&](Index rows) { return cell.zero_state(rows, float32); }}, {.epochs = 5});
///
/// A step of the optimiser is one window, so `steps`, `checkpoint_every` and `validate_every` count windows. Carried
/// states are in the checkpoints: a run that is ended within a batch reaches the same bits, too. After a step that
/// NonFinite::skip left out the next window begins with the initial state. Validation goes over windows in the same
/// way. Throws ValueError unless window is at least 1, burn_in at least 0 and initial_state given, or for a batch that
/// is not longer than burn_in; and what fit throws.
FitResult fit_truncated(const std::vector<Module*>& modules, Optimizer& optimizer, const Batches& batches,
                        const TruncatedLoss& loss, const TruncatedOptions& truncated, const FitOptions& options);

}  // namespace unroll
