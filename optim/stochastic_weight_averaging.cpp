#include "unroll/optim/stochastic_weight_averaging.hpp"

namespace unroll {

StochasticWeightAveraging::StochasticWeightAveraging()
    : Averages("StochasticWeightAveraging"),
      count_(Tensor(std::int64_t{0}), "StochasticWeightAveraging/count", false) {}

void StochasticWeightAveraging::update(const std::vector<Variable>& variables) {
  std::vector<Variable> means;
  for (const Variable& variable : variables) {
    check_dtype(variable);
    if (count() > 0 && !has_average(variable))
      raise<ValueError>(what(), "the variable ", variable.name(), " was not there in the first update");
    means.push_back(find_or_make(variable, what()));
  }
  const std::int64_t n = ++*count_.mutable_data<std::int64_t>();
  for (std::size_t k = 0; k < variables.size(); ++k)
    dispatch_floating(what(), variables[k].dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T share = static_cast<T>(1.0 / static_cast<double>(n));
      const T* x = variables[k].value().data<T>();
      T* mean = means[k].mutable_data<T>();
      for (Index i = 0; i < variables[k].size(); ++i) mean[i] += (x[i] - mean[i]) * share;
    });
}

}  // namespace unroll
