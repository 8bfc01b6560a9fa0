#pragma once
// One call of a function with cells: names, values and gradients compared with the case's.
#include "runner.hpp"

namespace parity {

/// What a case has under keys such as "initial_state" or "initial_state_fw"; null without them.
inline Nest argument(const Json& test, const char* key) { return has(test, key) ? read_nest(test.at(key)) : Nest(); }

/// What is called, and what it is made of.
struct Subject {
  /// Cells or layers whose variables, one after another, are those of the case.
  std::vector<unroll::Module*> modules;
  /// Variables of the case that belong to none of them; they come last.
  std::vector<unroll::Variable> further = {};
  Nest inputs;
  /// Initial states, and the keys under which their gradients stand.
  std::vector<std::pair<std::string, Nest>> states;
  /// (inputs, initial states) -> (outputs, state), or (outputs, state, loop state).
  std::function<Nest(const Nest& inputs, const std::vector<Nest>& states)> call;
};

/// Calls the subject once so that it has variables, gives them the case's values, calls it again under a tape and
/// compares outputs, state and gradients.
void run_call(const Json& test, Differences& differences, Subject subject);

/// Whether a length in the case is negative or beyond `time`: TensorFlow takes such lengths silently in some functions;
/// here they are errors everywhere.
bool lengths_out_of_range(const Json& test, unroll::Index time);
/// Notes it unless the call throws InvalidArgumentError.
void expect_invalid_argument(Differences& differences, const std::function<void()>& call);
/// The lengths of a case as a tensor; null without them.
Tensor read_lengths(const Json& test);

}  // namespace parity
