#pragma once
// Name scopes: where TensorFlow's variable names come from.
#include <string>

namespace unroll {

/// While it lives, names of variables that this thread creates begin with the names of all scopes, outermost first:
/// VariableScope("rnn") and within it "lstm_cell" give "rnn/lstm_cell/kernel" (tf.compat.v1.variable_scope). An empty
/// name adds nothing.
class VariableScope {
 public:
  explicit VariableScope(const std::string& name);
  /// `absolute`: the scopes around it do not count.
  static VariableScope absolute(const std::string& path) { return VariableScope(path, Absolute{}); }
  ~VariableScope();
  VariableScope(const VariableScope&) = delete;
  VariableScope& operator=(const VariableScope&) = delete;

  /// The full path, "rnn/lstm_cell"; empty outside of all scopes.
  static const std::string& current();

 private:
  struct Absolute {};
  VariableScope(const std::string& path, Absolute);

  std::string outer_;
};

/// "LSTMCell" -> "lstm_cell", as TensorFlow names the layer of a class.
std::string to_snake_case(const std::string& class_name);

}  // namespace unroll
