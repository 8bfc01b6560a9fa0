#pragma once
// How the cases of optimisers are run.
#include "runner.hpp"
#include "unroll/optim/optimizer.hpp"

namespace parity {

using OptimizerMaker = std::function<std::unique_ptr<unroll::Optimizer>(const Json& arguments)>;
/// What is done with the gradients of a step, counted from 0, before they are applied.
using GradientsChange = std::function<void(const Json& arguments, int step, unroll::GradientsAndVariables& gradients)>;

/// Registers a runner that compares the variables after each step, and the names of the slots where the case has them.
struct RegisterOptimizer {
  RegisterOptimizer(const std::string& name, OptimizerMaker make, GradientsChange change = {});
};

/// The value of a key as a number.
inline double number(const Json& json, const char* key) { return json.at(key).get<double>(); }

}  // namespace parity
