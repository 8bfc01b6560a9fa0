#pragma once
// Averages of variables over training: what exponential and stochastic averaging share.
#include <unordered_map>
#include <vector>

#include "unroll/autograd/variable.hpp"

namespace unroll {

/// Keeps a second set of values for variables, to evaluate or to save with:
///
///     average.swap(variables);  // the averages are in the variables
///     evaluate(model);
///     average.swap(variables);  // and back
class Averages {
 public:
  virtual ~Averages() = default;

  /// The average of a variable, a variable itself, not trainable. Throws LookupError if there is none.
  Variable average(const Variable& variable) const;
  bool has_average(const Variable& variable) const { return averages_.contains(variable.id()); }
  /// Exchanges the variables' values with their averages. Throws LookupError, before anything changes, if one has none.
  void swap(const std::vector<Variable>& variables);
  /// The averages and what else has to be saved to go on as if nothing had happened, sorted by name.
  std::vector<Variable> variables() const;

 protected:
  /// `what` begins messages.
  explicit Averages(std::string what) : what_(std::move(what)) {}

  /// Throws TypeError unless the dtype is float32 or float64.
  void check_dtype(const Variable& variable) const;
  /// The average of a variable, which is made with its present value if it does not exist.
  Variable& find_or_make(const Variable& variable, const std::string& name);
  const std::string& what() const { return what_; }
  /// Beside the averages.
  virtual std::vector<Variable> state() const { return {}; }

 private:
  std::string what_;
  std::unordered_map<std::uint32_t, Variable> averages_;  // by the variable's id
};

}  // namespace unroll
