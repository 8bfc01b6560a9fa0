#include "unroll/optim/exponential_moving_average.hpp"

#include <algorithm>
#include <cmath>

#include "unroll/core/creation.hpp"

namespace unroll {
namespace {

void move(const Variable& average, const Tensor& value, double share_of_value) {
  dispatch_floating("ExponentialMovingAverage", value.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T share = static_cast<T>(share_of_value);
    const T* x = value.data<T>();
    T* a = average.mutable_data<T>();
    for (Index i = 0; i < value.size(); ++i) a[i] -= (a[i] - x[i]) * share;
  });
}

}  // namespace

ExponentialMovingAverage::ExponentialMovingAverage(double decay, ExponentialMovingAverageOptions options)
    : Averages("ExponentialMovingAverage"), decay_(decay), options_(std::move(options)) {
  if (!(decay >= 0 && decay <= 1)) raise<ValueError>(what(), "decay is ", decay, ", expected a number in [0, 1]");
}

double ExponentialMovingAverage::decay(std::optional<std::int64_t> num_updates) const {
  if (!num_updates) return decay_;
  double n = static_cast<double>(*num_updates);
  return std::min(decay_, (1 + n) / (10 + n));
}

void ExponentialMovingAverage::build(const std::vector<Variable>& variables) {
  for (const Variable& variable : variables) Averages::find_or_make(variable, options_.name);
}

void ExponentialMovingAverage::apply(const std::vector<Variable>& variables, std::optional<std::int64_t> num_updates) {
  build(variables);
  for (const Variable& variable : variables) move(average(variable), variable.value(), 1 - decay(num_updates));
}

ExponentialMovingAverage::Followed& ExponentialMovingAverage::find_or_make(const std::string& tensor_name,
                                                                           const Tensor& value) {
  auto [place, is_new] = tensors_.try_emplace(tensor_name);
  Followed& followed = place->second;
  if (!is_new) return followed;
  std::string name = tensor_name + "/" + options_.name;
  followed.average = Variable(zeros_like(value), name, false);
  if (options_.zero_debias) {
    followed.biased = Variable(zeros_like(value), name + "/biased", false);
    followed.local_step = Variable(zeros({}, value.dtype()), name + "/local_step", false);
  }
  return followed;
}

Tensor ExponentialMovingAverage::apply(const std::string& tensor_name, const Tensor& value,
                                       std::optional<std::int64_t> num_updates) {
  if (!is_floating(value.dtype()))
    raise<TypeError>(what(), tensor_name, " is ", value.dtype(), ", expected float32 or float64");
  Followed& followed = find_or_make(tensor_name, value);
  if (value.spec() != followed.average.value().spec())
    raise<ValueError>(what(), tensor_name, " is ", value.spec(), ", was ", followed.average.value().spec(), " before");
  const double kept = decay(num_updates);
  if (!options_.zero_debias) {
    move(followed.average, value, 1 - kept);
    return followed.average;
  }
  move(followed.biased, value, 1 - kept);
  const double steps = followed.local_step.value().item<double>() + 1;
  followed.local_step.assign(full({}, steps, value.dtype()));
  dispatch_floating(what(), value.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T scale = static_cast<T>(1 - std::pow(kept, steps));
    const T* biased = followed.biased.value().data<T>();
    T* average = followed.average.mutable_data<T>();
    for (Index i = 0; i < value.size(); ++i) average[i] = biased[i] / scale;
  });
  return followed.average;
}

std::vector<Variable> ExponentialMovingAverage::state() const {
  std::vector<Variable> all;
  for (const auto& [name, followed] : tensors_)
    for (const Variable& variable : {followed.average, followed.biased, followed.local_step})
      if (variable.defined()) all.push_back(variable);
  return all;
}

}  // namespace unroll
