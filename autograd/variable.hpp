#pragma once
// Variable: a tensor that keeps its identity while its values change: what training trains.
#include <memory>
#include <string>

#include "unroll/core/tensor.hpp"

namespace unroll {

namespace detail {
class Log;
class Backward;
}  // namespace detail

/// A handle: copies are the same variable. Converts to the Tensor of its present values wherever one is expected. A
/// Tensor taken from it keeps the values of that moment, whatever is assigned later.
class Variable {
 public:
  /// Null; only to be assigned to.
  Variable() = default;
  /// Copies the values. `name` is TensorFlow's full name: "rnn/lstm_cell/kernel".
  explicit Variable(const Tensor& initial_value, std::string name = "Variable", bool trainable = true);

  bool defined() const { return state_ != nullptr; }
  const std::string& name() const { return state().name; }
  const Shape& shape() const { return value().shape(); }
  DType dtype() const { return value().dtype(); }
  Index size() const { return value().size(); }

  const Tensor& value() const { return state().value; }
  operator const Tensor&() const { return value(); }  // NOLINT(google-explicit-constructor)

  /// Replaces the values. Throws ValueError unless the shape is the variable's, TypeError unless the dtype is.
  void assign(const Tensor& value) const;
  /// The elements, to change in place. If a tape or a Tensor still holds the present values, they are copied first.
  template <Arithmetic T>
  T* mutable_data() const {
    make_unique();
    return state().value.mutable_data<T>();
  }

  /// Whether tapes follow it and optimisers change it. A frozen variable is not trainable.
  bool trainable() const;
  void set_trainable(bool trainable) const;

  friend bool operator==(const Variable& a, const Variable& b) { return a.state_ == b.state_; }
  /// A number no other variable has; later variables have larger ones.
  std::uint32_t id() const;
  /// The variable of that number; null if there is none any more. Any thread may ask.
  static Variable with_id(std::uint32_t id);

 private:
  struct State {
    State(std::string variable_name, Tensor initial_value)
        : name(std::move(variable_name)), value(std::move(initial_value)) {}
    ~State();
    State(const State&) = delete;
    std::string name;
    Tensor value;
  };
  struct Registry;
  State& state() const {
    if (!state_) null_error();
    return *state_;
  }
  [[noreturn]] static void null_error();
  void make_unique() const;

  std::shared_ptr<State> state_;
};

}  // namespace unroll
