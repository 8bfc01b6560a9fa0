#pragma once
// check_gradients: are the gradients of a function right?
#include <functional>
#include <string>
#include <vector>

#include "unroll/autograd/variable.hpp"
#include "unroll/core/nest.hpp"

namespace unroll {

struct GradientCheckOptions {
  double step = 1e-5;      // of the central difference
  double relative = 1e-6;  // allowed: absolute + relative * max(|analytic|, |numeric|)
  double absolute = 1e-9;
  std::uint64_t seed = 1;  // of the weights that the results are summed with
};

/// What check_gradients found. Converts to true if every element agreed.
struct GradientCheck {
  std::size_t checked = 0;            // elements compared
  double worst = 0;                   // largest difference, as a multiple of what is allowed
  std::vector<std::string> failures;  // "input 1 at (2, 0): gradient 0.31, by differences -0.31"; at most 20
  explicit operator bool() const { return failures.empty(); }
  std::string to_string() const;
};

/// Compares the tape's gradients with central differences, each element with its sign, in float64. `function` maps the
/// inputs to any nest of floating-point tensors; its results are summed with random weights, so that errors that cancel
/// in a plain sum show. All inputs must be float64 (TypeError); an integer input belongs into the closure. Throws
/// ValueError for inputs without a single element, or if the function's result changes from one call to the next.
///
///     auto check = check_gradients([](const std::vector<Tensor>& x) { return matmul(x[0], x[1]); }, {a, b});
///     CHECK_MESSAGE(check, check.to_string());
GradientCheck check_gradients(const std::function<Nest(const std::vector<Tensor>&)>& function,
                              const std::vector<Tensor>& inputs, const GradientCheckOptions& options = {});

/// The same with respect to variables, which are varied in place and get their values back.
GradientCheck check_gradients(const std::function<Nest()>& function, const std::vector<Variable>& variables,
                              const GradientCheckOptions& options = {});

}  // namespace unroll
