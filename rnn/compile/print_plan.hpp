#pragma once
#include <string>

#include "unroll/rnn/compile/plan.hpp"

namespace unroll::compile {

/// A plan for people: stages, kernels, buffers.
std::string print_plan(const Plan& plan);

}  // namespace unroll::compile
