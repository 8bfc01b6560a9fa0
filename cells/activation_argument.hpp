#pragma once
// The `activation` argument of cells and layers.
#include <functional>
#include <string>

#include "unroll/autograd/ops/activation_by_name.hpp"

namespace unroll {

/// A name that Keras knows ("tanh", "relu", "linear", ...; ValueError for another) or any function of one tensor. Empty
/// stands for the default of the cell.
class ActivationArgument {
 public:
  ActivationArgument() = default;
  ActivationArgument(const char* name) : ActivationArgument(std::string(name)) {}                 // NOLINT
  ActivationArgument(std::string name) : name_(std::move(name)), function_(activation(name_)) {}  // NOLINT
  template <class F>
  requires std::is_invocable_r_v<Tensor, F, const Tensor&> ActivationArgument(F function)
      : name_("custom"), function_(std::move(function)) {}  // NOLINT

  explicit operator bool() const { return static_cast<bool>(function_); }
  ActivationArgument value_or(const char* name) const { return *this ? *this : ActivationArgument(name); }
  const std::string& name() const { return name_; }
  Tensor operator()(const Tensor& x) const { return function_(x); }

 private:
  std::string name_;
  std::function<Tensor(const Tensor&)> function_;
};

}  // namespace unroll
