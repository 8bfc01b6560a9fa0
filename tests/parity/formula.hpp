#pragma once
// Formulas in golden cases: "0.5*x + tanh(x)", "inputs[:, :N] + outputs".
#include <map>
#include <string>

#include "unroll/core/tensor.hpp"

namespace parity {

/// Evaluates a formula of numbers, names, + - * /, parentheses, elementwise functions by their Keras names, and slices
/// of columns (`[:, a:b]`, where a and b are numbers or names). Throws std::runtime_error if it cannot be read.
unroll::Tensor evaluate(const std::string& formula, const std::map<std::string, unroll::Tensor>& tensors,
                        const std::map<std::string, unroll::Index>& integers = {});

}  // namespace parity
