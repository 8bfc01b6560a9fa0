#pragma once
// StepHistory: what has to be known of the steps of a sequence so that any of them can be taken again, with the same
// random numbers, and checked against what it gave. For rnn/memory/replay.cpp.
#include <map>
#include <memory>

#include "unroll/autograd/tape_record.hpp"
#include "unroll/core/random.hpp"
#include "unroll/rnn/eager_steps.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll {

class StepHistory {
 public:
  using Tensors = std::vector<Tensor>;
  struct Taken {
    Tensors inputs, outputs, states;
  };
  /// By leaf of the state: the leaf of the output that is the same tensor, or -1.
  using Aliases = std::vector<int>;

  explicit StepHistory(const Sequence& sequence);

  const Sequence& sequence() const { return sequence_; }
  /// (time, batch, ...), zeros for padding.
  const Tensors& inputs() const { return inputs_; }
  Index steps() const { return sequence_.lengths.longest(); }
  Nest pack_outputs(const Tensors& outputs) const;
  std::size_t state_count() const { return sequence_.initial_state.leaf_count(); }
  std::vector<TapeRecord> records() const;

  /// Step t for the first time; steps come in their order. Inputs are views of their own; `follow`: those that get
  /// nodes.
  Taken take(Index t, const Tensors& states, const std::vector<bool>& follow);
  /// What step 0 has drawn, to be drawn again.
  detail::DrawLog first_draws() const;
  /// The pairs of results of a step that are one tensor.
  const Aliases& aliases(Index t) const { return aliases_[alias_of_step_[static_cast<std::size_t>(t)]]; }

  /// For taking steps again: the scope that the steps were taken in. Throws RuntimeError if the cell no longer exists.
  VariableScope scope_of_steps() const;
  /// Throws RuntimeError if it does not give what it has given.
  Taken take_again(Index t, const Tensors& states, const std::vector<bool>& follow);

 private:
  Taken run(Index t, const Tensors& states, const std::vector<bool>& follow);

  Sequence sequence_;
  std::weak_ptr<const void> cell_;
  std::string cell_name_, scope_;
  int threads_;
  Tensors inputs_;
  EagerSteps eager_;
  std::vector<std::uint64_t> hashes_;       // of outputs and states, by step
  std::vector<RandomStream> draws_;         // of all steps
  std::vector<std::size_t> draws_of_step_;  // where they begin; empty if there are none
  std::vector<Aliases> aliases_;
  std::vector<std::uint8_t> alias_of_step_;
};

/// Step t of a tensor (time, ...).
Tensor step_of(const Tensor& whole, Index t);
void put_step(Tensor& whole, Index t, const Tensor& step);

}  // namespace unroll
