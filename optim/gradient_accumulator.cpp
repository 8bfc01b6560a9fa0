#include "unroll/optim/gradient_accumulator.hpp"

#include "unroll/core/kernels/accumulate.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "GradientAccumulator";

void check(const Tensor& gradient, const Variable& variable) {
  if (gradient.dtype() != variable.dtype() || !is_floating(gradient.dtype()))
    raise<TypeError>(who, "the gradient of ", variable.name(), " is ", gradient.dtype(), ", the variable ",
                     variable.dtype());
  if (gradient.shape() != variable.shape())
    raise<ValueError>(who, "the gradient of ", variable.name(), " has shape ", gradient.shape(), ", expected ",
                      variable.shape());
}

void add_to(Tensor& sum, const Tensor& gradient) {
  dispatch_floating(who, sum.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* g = gradient.data<T>();
    T* s = sum.mutable_data<T>();
    for (Index i = 0; i < sum.size(); ++i) s[i] += g[i];
  });
}

}  // namespace

GradientAccumulator::GradientAccumulator(int batches) : batches_(batches) {
  if (batches < 1) raise<ValueError>(who, "batches is ", batches, ", expected at least 1");
}

bool GradientAccumulator::add(const GradientsAndVariables& gradients_and_variables) {
  if (count_ > 0 && gradients_and_variables.size() != sums_.size())
    raise<ValueError>(who, gradients_and_variables.size(), " gradients given, expected ", sums_.size());
  for (std::size_t k = 0; k < gradients_and_variables.size(); ++k) {
    const auto& [gradient, variable] = gradients_and_variables[k];
    if (count_ > 0 && variable != sums_[k].second)
      raise<ValueError>(who, "variable ", k, " is ", variable.name(), ", was ", sums_[k].second.name(), " before");
    if (gradient) check(gradient, variable);
  }
  if (count_ == 0) sums_.assign(gradients_and_variables.size(), {});
  for (std::size_t k = 0; k < gradients_and_variables.size(); ++k) {
    const auto& [gradient, variable] = gradients_and_variables[k];
    auto& [sum, summed] = sums_[k];
    summed = variable;
    if (!gradient) continue;
    if (sum)
      add_to(sum, gradient);
    else
      sum = gradient.clone();
  }
  return ++count_ >= batches_;
}

GradientsAndVariables GradientAccumulator::take() {
  if (count_ == 0) raise<RuntimeError>(who, "take() without gradients: nothing was added");
  for (auto& entry : sums_)
    if (Tensor& sum = entry.first)
      dispatch_floating(who, sum.dtype(), [&](auto zero) {
        using T = decltype(zero);
        kernels::scale(sum.mutable_data<T>(), static_cast<T>(1.0 / count_), sum.size());
      });
  count_ = 0;
  return std::exchange(sums_, {});
}

}  // namespace unroll
