#pragma once
// TeamCosts: what threads are worth to a pass. They gain what they need not compute and lose what they wait for each
// other, and a meeting takes ten times longer on some machines than on others.
#include "unroll/rnn/compile/plan.hpp"
#include "unroll/rnn/compile/row_layout.hpp"

namespace unroll::compile {

/// Of a kernel and a row, in products and sums of two numbers; other instructions are worth about so many each.
double cost(const Plan& plan, const Pass& pass, const Kernel& kernel);

/// Of a pass and a row of a step.
struct PassCosts {
  double loop_products = 0, loop_programs = 0;
  double between = 0;  // in the stages between loops
  int loop_kernels = 0;
  bool cuts_loops = true;  // workers may each compute some columns of all programs of loops
};

/// A team of workers.
struct TeamCosts {
  int threads = 1;
  double barrier = 0;  // in the same unit
  Index large = 0;     // numbers of matrices that fill half of a core's second-level cache
  Index far = 0;       // numbers of those that had better not be read by every core

  /// Of a team that the calling thread would open, whose kernels compute blocks of so many lanes of so many bytes.
  static TeamCosts of(int threads, int lanes, int bytes);
  /// Whether workers share the columns of steps of so many rows, rather than the rows.
  bool share_columns(const PassCosts& pass, Index rows) const;
  /// Whether they are faster than one alone.
  bool are_faster(const PassCosts& pass, const RowLayout& layout) const;
};

}  // namespace unroll::compile
