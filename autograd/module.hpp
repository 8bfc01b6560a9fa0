#pragma once
// Module: an object with named variables and submodules: a cell, a layer, a whole model.
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "unroll/autograd/scope.hpp"
#include "unroll/autograd/variable.hpp"
#include "unroll/core/initializers.hpp"
#include "unroll/core/nest.hpp"

namespace unroll {

/// One constructor argument, as it is saved with the weights: null, a flag, a number or a word.
using ConfigValue = std::variant<std::monostate, bool, Index, double, std::string>;
/// Constructor arguments by TensorFlow's names, in order: {{"num_units", 128}, {"use_peepholes", false}}.
using Config = std::vector<std::pair<std::string, ConfigValue>>;

/// Variables are created when the sizes of the inputs are known: by `build`, or by the first call. Their full names are
/// the scopes around that first call, the module's own name, and the variable's: "rnn/lstm_cell/kernel". A module keeps
/// its variables and their names for life: used twice, it shares them.
///
/// A module of your own overrides class_name, and, as far as it has any: create (its variables), submodules, config.
///
///     class Scale : public Module {
///      public:
///       std::string class_name() const override { return "Scale"; }
///       Tensor operator()(const Tensor& x) {
///         build(x.spec());
///         return x * factor_;
///       }
///      private:
///       void create(const SpecNest& inputs) override {
///         factor_ = add_variable("factor", inputs.leaf().shape.slice(1), ones_initializer());
///       }
///       Variable factor_;
///     };
class Module {
 public:
  virtual ~Module() = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;

  /// "LSTMCell".
  virtual std::string class_name() const = 0;
  /// The name given at construction, or the class name in snake case: "lstm_cell".
  std::string name() const { return name_.empty() ? default_name() : name_; }
  /// Where its variables are: "rnn/lstm_cell". Empty until it is built.
  const std::string& scope() const { return scope_; }
  /// What distinguishes this object from others of its class; saved with the weights and compared when they are loaded.
  virtual Config config() const { return {}; }
  /// The modules inside, in the order of their variables. Members, listed anew at each call, so that modules may move.
  virtual std::vector<Module*> submodules() { return {}; }
  /// How many streams of random numbers this module itself, without its submodules, has drawn under a seed of its own,
  /// by the place in it where it draws; null if it has none. Checkpoints save the numbers.
  virtual std::deque<std::uint64_t>* random_draws() { return nullptr; }

  /// Expires when the module is destroyed or moved from; for who has to know whether it is still there.
  std::weak_ptr<const void> lifetime() const {
    if (!lifetime_.token) lifetime_.token = std::make_shared<char>();
    return lifetime_.token;
  }

  bool built() const { return built_; }
  /// Shapes and dtypes of the inputs that the module was built for.
  const SpecNest& built_for() const { return built_for_; }
  /// Creates the variables for inputs of these shapes and dtypes, unless that was done. The first dimension is the
  /// batch, and no size of a variable depends on it.
  void build(const SpecNest& inputs);
  /// Undoes `build`: the variables are forgotten, and the next build or call creates new ones. Submodules stay as they
  /// are.
  void unbuild();

  /// The variables of this module itself, without those of its submodules.
  const std::vector<Variable>& own_variables() const { return own_; }
  /// All variables, of this module first, then of each submodule; one that occurs twice is listed once.
  std::vector<Variable> variables() const;
  std::vector<Variable> trainable_variables() const;
  /// Freezes or thaws all variables: tapes and optimisers leave frozen ones alone.
  void set_trainable(bool trainable);
  void freeze() { set_trainable(false); }
  /// Number of elements of all variables.
  Index parameter_count() const;
  /// A table for people: each variable with shape, dtype and count, and the sum.
  std::string summary() const;
  /// For who maps a checkpoint to or from these variables: a line for each, with full name, shape and dtype between
  /// tabs. The names are those that TensorFlow gives.
  std::string export_names() const;

 protected:
  /// `dtype` of the variables; by default that of the first input.
  explicit Module(std::string name = {}, std::optional<DType> dtype = {});

  /// Creates the variables by add_variable and builds the submodules. Called once.
  virtual void create(const SpecNest&) {}
  /// What `name` is if none was given.
  virtual std::string default_name() const;
  /// A variable "scope/name". An empty initializer means glorot_uniform_initializer.
  Variable add_variable(const std::string& name, const Shape& shape, const Initializer& initializer = {},
                        bool trainable = true);
  /// The dtype that new variables get.
  DType dtype() const { return dtype_.value_or(float32); }
  /// Runs `body` within the scope of this module's variables, so that submodules that are built by their first call in
  /// it find their names.
  template <class F>
  auto within_scope(F&& body) {
    VariableScope scope = VariableScope::absolute(scope_);
    return body();
  }

 private:
  struct Lifetime {  // stays where it is when the module moves
    mutable std::shared_ptr<const void> token;
    Lifetime() = default;
    Lifetime(Lifetime&& other) noexcept { other.token.reset(); }
    Lifetime& operator=(Lifetime&& other) noexcept {
      token.reset();
      other.token.reset();
      return *this;
    }
  };

  Lifetime lifetime_;
  std::string name_, scope_;
  std::optional<DType> dtype_;
  bool dtype_given_;
  bool built_ = false;
  SpecNest built_for_;
  std::vector<Variable> own_;
};

}  // namespace unroll
