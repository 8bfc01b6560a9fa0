#pragma once
// StepCode: a traced step as a list of its own ops, for steps that cannot be lowered to a StepGraph: tensors of any
// dtype and rank, ops that only their own kernels know, what mixes the rows of a batch, parameters that change in time.
#include <array>
#include <string>

#include "unroll/rnn/compile/compiled_cell.hpp"

namespace unroll::compile {

/// An op that is run at every step.
struct StepOp {
  std::uint32_t node;                 // of the trace
  int mask = -1;                      // of a dropout: its number
  int sum = -1;                       // the result is added to the gradient of this leaf
  std::vector<Trace::Id> last_reads;  // values that nothing reads afterwards
};

/// Part of the gradient of a leaf, that of one step.
struct Contribution {
  int leaf;
  Trace::Id value;
};

/// A forward value that the backward pass reads.
struct KeptValue {
  Trace::Id value;
  Index offset;  // bytes, in what is kept of a step
};

struct StepCode {
  /// `masks`: dropouts of the forward step, in their order.
  explicit StepCode(const StepTrace& step, bool gradients);

  // Nodes of the trace that are the same at every step, for each of the two passes.
  std::vector<std::uint32_t> before, before_backward;
  std::vector<StepOp> forward, backward;
  std::vector<KeptValue> kept;
  Index kept_bytes = 0;                     // of a step
  std::vector<bool> reads_input;            // the backward pass, by input leaf
  std::vector<Contribution> contributions;  // that no op of `backward` adds by itself
};

std::string print_code(const StepTrace& step, const StepCode& code);

}  // namespace unroll::compile
