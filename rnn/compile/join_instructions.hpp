#pragma once
// Instructions of a program that one call can run: one operation on matrices that lie side by side, like the sigmoids
// of several gates.
#include "unroll/rnn/compile/plan.hpp"

namespace unroll::compile {

/// Numbers of instructions of a program, in the order of the buffers that they read. They may all run where the first
/// of them does, if their results do not share a place with anything else.
using Join = std::vector<std::size_t>;

/// All joins of two instructions or more.
std::vector<Join> find_joins(const Plan& plan, const Pass& pass, const Program& program);

}  // namespace unroll::compile
