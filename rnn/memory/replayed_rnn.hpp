#pragma once
// ReplayedRnn: a sequence as one op whose gradient takes the steps again, from states held at checkpoints. For
// rnn/memory/replay.cpp.
#include "unroll/autograd/op.hpp"
#include "unroll/rnn/memory/recomputed.hpp"
#include "unroll/rnn/memory/step_history.hpp"

namespace unroll {

/// Which steps are taken when, and the states that are held for that. The store's memory serves for keys only.
class ReplayPlan {
 public:
  using Tensors = StepHistory::Tensors;

  ReplayPlan(Tensors initial, Index steps, const memory::Checkpoints& checkpoints);
  void start_forward() { store_.start_forward(); }
  void start_backward() { store_.start_backward(); }
  bool next(memory::Step& step) { return store_.next(step); }
  /// Before a forward step: sets `states` to those that it begins with, unless they are what the step before has left,
  /// and holds them if they will be needed.
  void prepare(const memory::Step& step, Tensors& states);
  /// The last steps of the forward pass, which the gradient begins with: from this one on, and the states before it.
  Index tail_begin() const { return tail_begin_; }
  const Tensors& tail_states() const { return tail_states_; }

 private:
  memory::Recomputed store_;
  Tensors initial_, tail_states_;
  Index tail_begin_ = -1;
  std::map<const void*, Tensors> held_;
};

/// Inputs: the history's, the initial states, and what else the steps read. Results: outputs, final states.
class ReplayedRnn final : public MultiOp {
 public:
  ReplayedRnn(std::shared_ptr<StepHistory> history, std::shared_ptr<ReplayPlan> plan)
      : history_(std::move(history)), plan_(std::move(plan)) {}
  std::string_view name() const override { return "dynamic_rnn"; }
  std::vector<TapeRecord> steps() const override { return history_->records(); }
  void infer(Inputs, std::span<TensorSpec>) const override {}
  void forward(Inputs, std::span<Tensor>) const override {}
  void vjp(Vjp& v) const override;

 private:
  std::shared_ptr<StepHistory> history_;
  std::shared_ptr<ReplayPlan> plan_;
};

/// Views of the tensors which the tapes follow, as far as they have gradients.
std::vector<Tensor> followed_views(const std::vector<Tensor>& tensors);

}  // namespace unroll
