#pragma once
// GradientTape: records ops and computes gradients (reverse-mode differentiation).
#include <utility>
#include <vector>

#include "unroll/autograd/tape_record.hpp"
#include "unroll/autograd/variable.hpp"
#include "unroll/core/nest.hpp"

namespace unroll {

struct GradientTapeOptions {
  /// Whether gradient() may be called more than once.
  bool persistent = false;
  /// Whether trainable variables are watched as soon as they are used.
  bool watch_accessed_variables = true;
};

/// What gradient() gives for a source that the target does not depend on.
enum class Unconnected { none, zero };

struct GradientOptions {
  /// Weights of the targets, in their structure: the result is the gradient of sum(weight * target). Default: ones.
  Nest output_gradients = {};
  Unconnected unconnected_gradients = Unconnected::none;
};

/// Records the calling thread's ops from its construction to its destruction (TensorFlow's tf.GradientTape). Trainable
/// variables are followed by themselves, other tensors after `watch`.
///
///     GradientTape tape;
///     Tensor loss = mean_squared_error(head(x), y);
///     Tensor g = tape.gradient(loss, kernel);
///
/// Tapes nest: the gradient that an inner tape computes is recorded by an outer one, which gives second derivatives.
/// Unless it is persistent, a tape ends with its first gradient(): it stops recording and, if it is the only one, frees
/// what it recorded. The records are an array; nothing recurses, however long it is.
class GradientTape {
 public:
  explicit GradientTape(GradientTapeOptions options = {});
  ~GradientTape();
  GradientTape(const GradientTape&) = delete;
  GradientTape& operator=(const GradientTape&) = delete;

  /// Follows a tensor (or all leaves) from now on. Throws TypeError for a dtype without gradients.
  void watch(const Tensor& tensor);
  void watch(const Nest& tensors);
  void watch(const Variable& variable) { watch(variable.value()); }

  /// Gradient of the target with respect to the source; null if it does not depend on it and `unconnected_gradients` is
  /// none. A target of several elements, or several targets, count as their sum. Throws TypeError for an integer target
  /// or source, ValueError if `output_gradients` does not fit, RuntimeError if the tape has ended or belongs to another
  /// thread.
  Tensor gradient(const Nest& target, const Tensor& source, const GradientOptions& options = {});
  Tensor gradient(const Nest& target, const Variable& source, const GradientOptions& options = {}) {
    return gradient(target, source.value(), options);
  }
  std::vector<Tensor> gradient(const Nest& target, const std::vector<Tensor>& sources,
                               const GradientOptions& options = {});
  std::vector<Tensor> gradient(const Nest& target, const std::vector<Variable>& sources,
                               const GradientOptions& options = {});
  /// Into a vector that is used again in every training step, which then asks the heap for nothing at all.
  void gradient(const Nest& target, const std::vector<Variable>& sources, std::vector<Tensor>& gradients,
                const GradientOptions& options = {});
  /// In the structure of `sources`.
  Nest gradient(const Nest& target, const Nest& sources, const GradientOptions& options = {});

  /// Suspends this tape until the returned guard dies.
  class [[nodiscard]] Pause {
   public:
    explicit Pause(GradientTape& tape) : tape_(tape) { tape_.pause(); }
    ~Pause() { tape_.resume(); }
    Pause(const Pause&) = delete;

   private:
    GradientTape& tape_;
  };
  Pause stop_recording() { return Pause(*this); }

  /// The variables that gradient() can be asked for: trainable ones that a recorded call used, and those given to
  /// watch(). In the order of their construction; those that no longer exist are left out.
  std::vector<Variable> watched_variables() const;

  /// Number of records: of recorded calls, of this tape and those inside it, and of steps where a call stands for some.
  std::size_t size() const;
  /// The records that gradient() would walk back, in order; none once the tape has ended. For people and tests: made
  /// from the recording when it is asked for.
  std::vector<TapeRecord> records() const;

 private:
  friend class detail::Backward;
  template <class Source>
  void compute(const Nest& target, const std::vector<Source>& sources, std::vector<Tensor>& results,
               const GradientOptions& options);
  void check_usable() const;
  /// f(record) for the records of this tape up to number `last`, but not for those made while it was paused.
  template <class F>
  void for_each_record(std::size_t last, F&& f) const;
  void pause();
  void resume();

  GradientTapeOptions options_;
  detail::Log* log_;
  std::size_t first_record_;
  std::uint32_t first_node_;
  std::vector<std::uint32_t> watched_;                        // nodes
  std::vector<std::pair<std::size_t, std::size_t>> skipped_;  // ranges of records made while paused
  int paused_ = 0;
  bool ended_ = false;
};

}  // namespace unroll
