#pragma once
// Schedule: what of a step graph runs for many steps at once, and what step by step. The states whose new values depend
// on one another form a loop; a stack of cells has one for each. Everything else runs before, between or after the
// loops for all rows of a chunk of steps: products of the inputs, gradients of the weights.
#include "unroll/rnn/compile/step_graph.hpp"

namespace unroll::compile {

/// A value that comes back at the next step: forward a part of the state, backward a part of its gradient.
struct Recurrence {
  Id source;  // none: nobody reads it
  Id next;
  int leaf;
  Index first, width;
  int loop;  // that it belongs to; -1: none
};

struct Schedule {
  bool backward;
  std::vector<Recurrence> recurrences;
  int loops = 0;
  /// By node: stage 2 l + 1 is loop l, even ones are between loops; -1 for a node that is not computed in this pass.
  std::vector<int> stage;
  /// By accumulation, in the backward pass: its stage, which is even.
  std::vector<int> accumulation_stage;

  int stages() const { return 2 * loops + 1; }
};

/// Also adds to the graph: the part of a sum of products that does not depend on a loop becomes a node before it
/// (unless `hoist` is false), and what is read outside of a loop that only exists inside is copied.
Schedule schedule(StepGraph& graph, bool backward, bool hoist);

}  // namespace unroll::compile
