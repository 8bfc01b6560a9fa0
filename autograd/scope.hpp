#pragma once
// Name scopes: where TensorFlow's variable names come from.
#include <cstddef>
#include <optional>
#include <string>

namespace unroll {

/// What a module does that creates a variable whose name another variable of the VariableStore has already
/// (autograd/variable_store.hpp): `no` throws, `yes` shares it, and throws if there is none, `automatic` shares it or
/// creates it (tf.AUTO_REUSE).
enum class Reuse { no, yes, automatic };

/// While it lives, names of variables that this thread creates begin with the names of all scopes, outermost first:
/// VariableScope("rnn") and within it "lstm_cell" give "rnn/lstm_cell/kernel" (tf.compat.v1.variable_scope). An empty
/// name adds nothing. `reuse` holds for all that is within; by default it is that of the scope around, `no` outside.
class VariableScope {
 public:
  explicit VariableScope(const std::string& name);
  VariableScope(const std::string& name, Reuse reuse);
  /// `absolute`: the scopes around it do not count.
  static VariableScope absolute(const std::string& path) { return VariableScope(path, Absolute{}); }
  ~VariableScope();
  VariableScope(const VariableScope&) = delete;
  VariableScope& operator=(const VariableScope&) = delete;

  /// The full path, "rnn/lstm_cell"; empty outside of all scopes.
  static const std::string& current();
  static Reuse current_reuse();

 private:
  struct Absolute {};
  VariableScope(const std::string& path, Absolute);

  std::optional<std::string> outer_;  // of an absolute one
  std::size_t outer_size_ = 0;
  Reuse outer_reuse_;
};

/// "LSTMCell" -> "lstm_cell", as TensorFlow names the layer of a class.
std::string to_snake_case(const std::string& class_name);

}  // namespace unroll
