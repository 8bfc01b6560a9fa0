#pragma once
// Passes over a StepGraph. Each keeps every value; together they bring it into the form that runs fast.
#include "unroll/rnn/compile/step_graph.hpp"

namespace unroll::compile {

/// Which passes run. For tests: any of them may be left out and results stay the same.
struct Passes {
  bool fold = true;       // constants, common subexpressions
  bool merge = true;      // sums of products into one product with several terms
  bool recompute = true;  // keep less for the backward pass
  bool fuse = true;       // pairs of elementwise operations into one
  bool hoist = true;      // products that do not depend on the state out of the loop over time
  friend bool operator==(const Passes&, const Passes&) = default;
};

/// Removes what no result depends on, and puts operands before what reads them.
void remove_dead(StepGraph& graph);

/// a W + b V, and what is added to it per column, becomes one affine node.
void merge_sums(StepGraph& graph);

/// Forward values that the backward pass reads are kept, or, if one operation computes them from what is kept, computed
/// again: then that operation becomes one of the backward pass.
void recompute(StepGraph& graph);

/// a * b + c and the like become one operation where the inner result has no other use.
void fuse_elementwise(StepGraph& graph);

}  // namespace unroll::compile
