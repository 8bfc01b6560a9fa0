#pragma once
// StepInterpreter: runs a StepCode over all steps of a sequence, with the ops' own kernels and without the costs of
// recording. All rows of the batch take part in every step, in the caller's order; those that have ended keep their
// states, as with the eager executor.
#include "unroll/rnn/compile/step_code.hpp"

namespace unroll::compile {

class StepInterpreter {
 public:
  StepInterpreter(const StepTrace& step, bool gradients);

  const StepCode& code() const { return code_; }
  /// `values`: the environment, with the leaves.
  void forward(const ForwardCall& call, Environment values) const;
  /// The gradients of the leaves, null where there is none.
  CachedVector<Tensor> backward(const BackwardCall& call, Environment values) const;

 private:
  void run(const StepOp& op, Environment& values, Index t, const SequenceCall& call, std::span<Tensor> sums) const;
  Tensor borrowed(Trace::Id id, std::byte* data) const { return Tensor::borrowed(trace_.values()[id].spec, data); }
  TensorSpec spec(Trace::Id id) const { return trace_.values()[id].spec; }

  const StepTrace& step_;
  const Trace& trace_;
  StepCode code_;
  std::vector<std::pair<Trace::Id, Tensor>> constants_;  // that the gradients' ops have made
};

/// Runs a node of a trace.
void run_node(const Trace& trace, std::uint32_t number, Environment& values);

}  // namespace unroll::compile
