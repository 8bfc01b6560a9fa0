#pragma once
// LearningRate: a number, or a schedule: a function of the number of steps taken.
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>

namespace unroll {

/// The learning rate of the step that follows `step` others. Any function will do; those of TensorFlow are in
/// exponential_decay.hpp, polynomial_decay.hpp, piecewise_constant.hpp and cosine_decay.hpp, others in one_cycle.hpp
/// and, around any of them, warm_up.hpp.
using Schedule = std::function<double(std::int64_t step)>;

/// What the options of the optimisers take:
///
///     Adam constant({.learning_rate = 1e-3});
///     Adam decaying({.learning_rate = exponential_decay({.learning_rate = 1e-3, .decay_steps = 500})});
///     Adam own({.learning_rate = [](std::int64_t step) { return 1e-3 / (1 + 0.01 * static_cast<double>(step)); }});
class LearningRate {
 public:
  /// Not given.
  LearningRate() = default;
  LearningRate(double value) : value_(value) {}  // NOLINT(google-explicit-constructor)
  template <class F>
  requires(std::is_invocable_r_v<double, F, std::int64_t>) LearningRate(F schedule)
      : schedule_(std::move(schedule)) {}  // NOLINT(google-explicit-constructor)

  double at(std::int64_t step) const { return schedule_ ? schedule_(step) : value_; }

 private:
  double value_ = std::numeric_limits<double>::quiet_NaN();
  Schedule schedule_;
};

}  // namespace unroll
