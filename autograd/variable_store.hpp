#pragma once
// The variables of one model by name: what TensorFlow's graph knows of them.
#include <string>
#include <vector>

#include "unroll/autograd/scope.hpp"
#include "unroll/autograd/variable.hpp"

namespace unroll {

/// While it lives, variables that modules of this thread create belong to it, and no two of them may have one name: two
/// new cells that would take the same names are an error, as in one TensorFlow graph, unless the scope around says that
/// they share (Reuse). A name is free again once its variable is gone.
///
///     VariableStore store;
///     GRUCell one(8), other(8);
///     dynamic_rnn(one, x, {.dtype = float32});
///     {
///       VariableScope sharing("", Reuse::yes);
///       dynamic_rnn(other, x, {.dtype = float32});  // on the variables of `one`; without the scope: ValueError
///     }
///
/// Without a store names are not compared, and nothing is shared by name.
class VariableStore {
 public:
  VariableStore();
  ~VariableStore();
  VariableStore(const VariableStore&) = delete;
  VariableStore& operator=(const VariableStore&) = delete;

  /// The variables that exist, in the order of their creation.
  std::vector<Variable> variables() const;
  /// The variable of that name; null if there is none.
  Variable find(const std::string& name) const;

  /// The innermost one that lives in this thread, or null.
  static VariableStore* current();

 private:
  friend class Module;
  /// The variable that a new one of that name is to be, or null if it has to be created. Throws ValueError, in the name
  /// of `who`, if the present Reuse does not allow either, or if shape or dtype are not as asked.
  Variable shared(const std::string& who, const std::string& name, const TensorSpec& spec) const;
  void add(const Variable& variable) { ids_.push_back(variable.id()); }
  /// How many were added so far; and the removal of those of these variables that were added since.
  std::size_t created() const { return ids_.size(); }
  void forget(const std::vector<Variable>& variables, std::size_t since);

  std::vector<std::uint32_t> ids_;
  VariableStore* outer_;
};

}  // namespace unroll
