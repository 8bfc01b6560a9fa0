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
  std::size_t kept_size(const Chunk& chunk) const {
    return static_cast<std::size_t>((chunk.end - chunk.begin) * code_.kept_bytes);
  }
  std::size_t state_size() const;
  /// `values`: the environment, with the leaves.
  void forward(const ForwardCall& call, Environment values) const;
  /// The gradients of the leaves, null where there is none.
  CachedVector<Tensor> backward(const BackwardCall& call, Environment values) const;

 private:
  using Tensors = CachedVector<Tensor>;
  void take(const ForwardCall& call, const memory::Step& step, Tensors& states, Environment& values) const;
  void forward_chunk(const ForwardCall& call, const Chunk& chunk, std::byte* kept, Tensors& states,
                     Environment& values) const;
  void backward_chunk(const BackwardCall& call, const Chunk& chunk, const std::byte* kept, Tensors& states,
                      Tensors& sums, Environment& values) const;
  /// The states before a chunk, from and to a store.
  void load(Tensors& states, const void* from) const;
  void save(const Tensors& states, void* to) const;
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
