#include "unroll/optim/averages.hpp"

#include <algorithm>

namespace unroll {

Variable Averages::average(const Variable& variable) const {
  auto found = averages_.find(variable.id());
  if (found == averages_.end()) raise<LookupError>(what_, "there is no average of \"", variable.name(), "\"");
  return found->second;
}

void Averages::swap(const std::vector<Variable>& variables) {
  std::vector<Variable> averages;
  for (const Variable& variable : variables) averages.push_back(average(variable));
  for (std::size_t k = 0; k < variables.size(); ++k) {
    Tensor values = variables[k].value().clone();
    variables[k].assign(averages[k].value());
    averages[k].assign(values);
  }
}

std::vector<Variable> Averages::variables() const {
  std::vector<Variable> all = state();
  for (const auto& [id, average] : averages_) all.push_back(average);
  std::sort(all.begin(), all.end(), [](const Variable& a, const Variable& b) { return a.name() < b.name(); });
  return all;
}

void Averages::check_dtype(const Variable& variable) const {
  if (!is_floating(variable.dtype()))
    raise<TypeError>(what_, "the variable ", variable.name(), " is ", variable.dtype(),
                     ", expected float32 or float64");
}

Variable& Averages::find_or_make(const Variable& variable, const std::string& name) {
  auto found = averages_.find(variable.id());
  if (found != averages_.end()) return found->second;
  check_dtype(variable);
  return averages_.emplace(variable.id(), Variable(variable.value(), variable.name() + "/" + name, false))
      .first->second;
}

}  // namespace unroll
