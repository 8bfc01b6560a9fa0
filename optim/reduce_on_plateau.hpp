#pragma once
// Smaller learning rates when training gets no further.
#include "unroll/optim/optimizer.hpp"

namespace unroll {

struct ReduceOnPlateauOptions {
  double factor = 0.1;
  /// How many updates may go by without a better metric before the learning rate falls.
  int patience = 10;
  /// By how much the metric has to fall to count as better.
  double min_delta = 1e-4;
  /// How many updates are not counted after a fall.
  int cooldown = 0;
  double min_learning_rate = 0;
};

/// Keras's ReduceLROnPlateau for a metric that is to become small, such as the validation loss:
///
///     ReduceOnPlateau plateau({.patience = 5});
///     for (...) {
///       ...
///       plateau.update(validation_loss, adam);
///     }
class ReduceOnPlateau {
 public:
  /// Throws ValueError unless 0 < factor < 1, and the other numbers are not negative.
  explicit ReduceOnPlateau(ReduceOnPlateauOptions options = {});

  /// Multiplies the optimiser's learning rate by `factor` if the time has come (a schedule becomes a number); whether
  /// it did. A metric that is NaN is no better one.
  bool update(double metric, Optimizer& optimizer);

  /// What has to be saved to go on as if nothing had happened.
  struct State {
    double best = std::numeric_limits<double>::infinity();
    int waited = 0, cooling = 0;
    friend bool operator==(const State&, const State&) = default;
  };
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  ReduceOnPlateauOptions options_;
  State state_;
};

}  // namespace unroll
