#pragma once
// What every optimiser is held to; its test calls these with a function that makes it.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "support/numbers.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/optim/optimizer.hpp"

namespace unroll {

using MakeOptimizer = std::function<std::unique_ptr<Optimizer>()>;

/// A number among the arguments of a golden case, or what it is where the case does not give it.
double argument(const nlohmann::json& arguments, const char* name, double otherwise);
/// The same of a flag, false where the case does not give it.
bool flag(const nlohmann::json& arguments, const char* name);

/// Runs the cases of optimizers.json for one class of TensorFlow; there have to be some.
void check_golden(const std::string& tensorflow_class,
                  const std::function<std::unique_ptr<Optimizer>(const nlohmann::json&)>& make);

/// Minimises sum(curvature * (x - target)^2) over two variables of different dtypes; the largest error that is left.
double error_after(Optimizer& optimizer, int steps);

/// The same gradients give the same bits, whatever tensor an element is in and wherever in it.
void check_same_bits(const MakeOptimizer& make);

/// After the first step, values and slots stay where they are in memory and the heap is not asked for anything.
void check_in_place(const MakeOptimizer& make);

inline void check_optimizer(const MakeOptimizer& make) {
  check_same_bits(make);
  check_in_place(make);
}

}  // namespace unroll
