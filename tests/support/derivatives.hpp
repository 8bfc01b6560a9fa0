#pragma once
// Derivatives of any order of a function that works element by element, by nested tapes.
#include <doctest/doctest.h>

#include <functional>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/tape.hpp"

using UnaryFunction = std::function<unroll::Tensor(const unroll::Tensor&)>;

/// Of the sum over x; zeros where nothing depends on x.
inline unroll::Tensor derivative(const UnaryFunction& f, const unroll::Tensor& x) {
  unroll::GradientTape tape;
  tape.watch(x);
  return tape.gradient(f(x), x, {.unconnected_gradients = unroll::Unconnected::zero});
}

/// Compares the first derivatives with differences of f, the second with differences of the first, and so on.
inline void check_derivatives(UnaryFunction f, const unroll::Tensor& x, int orders = 3) {
  for (int order = 1; order <= orders; ++order) {
    INFO("order ", order);
    auto check = unroll::check_gradients([&](const std::vector<unroll::Tensor>& in) { return f(in[0]); }, {x});
    CHECK_MESSAGE(check, check.to_string());
    f = [f](const unroll::Tensor& in) { return derivative(f, in); };
  }
}
