#pragma once
// Optimizer: what all optimisers share: steps, slots and the checks of what they are given. An optimiser is a subclass
// that says which slots it keeps and how one element changes; a program adds one of its own in the same way:
//
//     class SignDescent final : public Optimizer {
//      public:
//       explicit SignDescent(LearningRate learning_rate) : Optimizer("SignDescent", std::move(learning_rate), {}) {}
//       void update(const Tensor& gradient, const Variable& variable, Slots) override {
//         dispatch_floating(name(), variable.dtype(), [&](auto zero) {
//           using T = decltype(zero);
//           const T rate = static_cast<T>(learning_rate());
//           for_each_element<T>(gradient, [=](T g, T& x) { x -= g > 0 ? rate : g < 0 ? -rate : 0; }, variable);
//         });
//       }
//     };
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "unroll/autograd/tape.hpp"
#include "unroll/core/thread_team.hpp"
#include "unroll/optim/learning_rate.hpp"

namespace unroll {

/// Gradients beside the variables they belong to. A null gradient is a missing one.
using GradientsAndVariables = std::vector<std::pair<Tensor, Variable>>;

/// Shrinks variables by learning_rate * rate of themselves before each step, apart from the gradient ("decoupled":
/// Loshchilov and Hutter 2019). An L2 penalty, which is added to the gradient, is add_weight_decay of weight_decay.hpp.
struct WeightDecay {
  double rate = 0;
  /// Which variables, by name; all if it is null.
  std::function<bool(const std::string& name)> filter = {};
};

/// What a step does with gradients that hold infinities or NaN: applies them, changes nothing but skipped_steps(), or
/// throws InvalidArgumentError before anything changes.
enum class NonFinite { apply, skip, raise };

/// TensorFlow's tf.compat.v1.train.Optimizer. The arithmetic is done in the dtype of each variable, in a fixed order,
/// so equal gradients give equal bits. An object belongs to one thread at a time.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Computes the gradients of `loss` and applies them: one training step. Without `variables`, all trainable variables
  /// that the tape recorded change. Ends the tape unless it is persistent. Throws as GradientTape::gradient and
  /// apply_gradients do.
  void minimize(GradientTape& tape, const Tensor& loss);
  void minimize(GradientTape& tape, const Tensor& loss, const std::vector<Variable>& variables);
  /// The first half of minimize, for gradients that are to be changed (clipped, say) before they are applied. Null
  /// where the loss does not depend on a variable. Throws ValueError if there are no variables.
  GradientsAndVariables compute_gradients(GradientTape& tape, const Tensor& loss);
  GradientsAndVariables compute_gradients(GradientTape& tape, const Tensor& loss,
                                          const std::vector<Variable>& variables);

  /// One step: changes each variable in place. Nothing is allocated after the first step with the same variables (but a
  /// variable whose present values a tape or a Tensor still holds is copied first). Missing gradients and frozen
  /// variables are passed over. Everything is checked before anything changes: throws ValueError if the list is empty,
  /// if all gradients are missing, if a shape differs from the variable's, or if a variable is listed twice (where
  /// TensorFlow takes two steps in an order that it leaves open); TypeError if a dtype differs or is an integer.
  void apply_gradients(const GradientsAndVariables& gradients_and_variables);
  void apply_gradients(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables);

  /// Makes the slots of these variables now instead of in the first step, as needed to load a checkpoint into them.
  /// Throws as apply_gradients does.
  void build(const std::vector<Variable>& variables);

  /// "Adam", or what the options said; part of the slots' names.
  const std::string& name() const { return name_; }
  /// Number of steps taken (TensorFlow's global_step).
  std::int64_t iterations() const { return iterations_; }
  void set_iterations(std::int64_t iterations);
  /// That of the next step.
  double learning_rate() const { return learning_rate_.at(iterations_); }
  /// A number or a schedule. Throws ValueError unless learning_rate() is finite and not negative; a step throws it,
  /// too.
  void set_learning_rate(LearningRate learning_rate);

  /// Throws ValueError unless the rate is finite and not negative.
  void set_weight_decay(WeightDecay weight_decay);
  /// The default is to apply them.
  void set_non_finite(NonFinite policy) { non_finite_ = policy; }
  /// Number of steps that were left out because of NonFinite::skip; iterations() does not count them.
  std::int64_t skipped_steps() const { return skipped_steps_; }

  /// What the optimiser remembers of a variable under this name, see slot_names(). The slots of "kernel" are variables
  /// called "kernel/Adam", "kernel/Adam_1", ... Null before the variable's first step. Throws LookupError for another
  /// name.
  Variable slot(const Variable& variable, const std::string& slot_name) const;
  std::vector<std::string> slot_names() const;
  /// All that has to be saved, beside iterations(), to go on as if nothing had happened: slots, and what is not of one
  /// variable (Adam's beta1_power). Sorted by name, as in TensorFlow. Slots of variables that no longer exist go when
  /// new ones are made.
  std::vector<Variable> variables() const;

 protected:
  /// The slots of one variable, in the order given to the constructor.
  using Slots = std::span<const Variable>;
  struct SlotSpec {
    std::string name;
    double initial_value = 0;
  };

  Optimizer(std::string name, LearningRate learning_rate, std::vector<SlotSpec> slots);

  /// Changes one variable and its slots in place.
  virtual void update(const Tensor& gradient, const Variable& variable, Slots slots) = 0;
  /// Called once, before the first slots are made; `dtype` is the widest one among the variables.
  virtual void create_state(DType dtype);
  /// Called after the updates of a step.
  virtual void finish_step() {}

  /// A variable of rank 0 that is not of one variable; variables() lists it.
  Variable add_state(const std::string& state_name, double initial_value, DType dtype);
  /// Throws ValueError "Adam: beta1 is 1.5, expected a number in [0, 1)" unless `valid`.
  void require(bool valid, std::string_view what, double value, std::string_view expected) const;
  /// Throws ValueError unless the value is finite and not negative; or in [0, 1), also when rounded to float32.
  void require_not_negative(std::string_view what, double value) const;
  void require_below_one(std::string_view what, double value) const;

  /// rule(g, x...) for each element g of the gradient and the elements of the variables in its place, by reference; on
  /// several threads if there are many.
  template <class T, class Rule, class... V>
  static void for_each_element(const Tensor& gradient, Rule rule, const V&... changed) {
    auto run = [rule, n = gradient.size()](const T* g, auto*... x) {
      constexpr double ns_per_element = 0.7;
      constexpr Index line = 64;
      parallel_rows((n + line - 1) / line, line * ns_per_element, [&](Index first, Index last) {
        first *= line;
        loop(std::min(last * line, n) - first, rule, g + first, x + first...);
      });
    };
    run(gradient.data<T>(), changed.template mutable_data<T>()...);
  }

 private:
  struct Pending {
    const Tensor* gradient;
    const Variable* variable;
  };

  template <class Rule, class T, class... P>
  static void loop(Index n, Rule rule, const T* __restrict g, P* __restrict... x) {
    for (Index i = 0; i < n; ++i) rule(g[i], x[i]...);
  }
  void check_dtype(const Variable& variable) const;
  void check_learning_rate() const;
  void check_pending();
  bool pending_are_finite() const;
  void decay_pending();
  void step();
  void build_pending();

  std::string name_;
  LearningRate learning_rate_;
  WeightDecay weight_decay_;
  NonFinite non_finite_ = NonFinite::apply;
  std::int64_t iterations_ = 0, skipped_steps_ = 0;
  std::vector<SlotSpec> slot_specs_;
  std::vector<Variable> state_;
  std::unordered_map<std::uint32_t, std::vector<Variable>> slots_;  // by the variable's id
  bool built_ = false;
  std::vector<Pending> pending_;    // scratch, kept for its capacity
  std::vector<std::uint32_t> ids_;  // the same
};

}  // namespace unroll
