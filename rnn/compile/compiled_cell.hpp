#pragma once
// CompiledCell: a cell's step, traced and planned, for one set of shapes.
#include <map>
#include <memory>

#include "unroll/cells/rnn_cell.hpp"
#include "unroll/core/random.hpp"
#include "unroll/rnn/compile/executor.hpp"
#include "unroll/rnn/memory/choose.hpp"

namespace unroll::compile {

/// What a cell is compiled for.
struct CellCall {
  RNNCell& cell;
  SpecNest inputs;  // of one step: (batch, ...)
  SpecNest state;
  DType dtype;
  // Whether the inputs and the states have gradients, leaf by leaf; without `gradients` nothing has.
  bool gradients;
  CachedVector<bool> inputs_followed, states_followed;
};

/// One call of the cell on symbolic tensors.
struct StepTrace : Cached {
  explicit StepTrace(const CellCall& call, bool with_gradients);
  Trace trace;
  CachedVector<Trace::Id> inputs, states, outputs, next_states;
  CachedVector<Trace::Id> output_seeds, state_seeds;
  CachedVector<std::optional<Trace::Id>> input_gradients, state_gradients;
  /// Variables and captured tensors, and their gradients.
  CachedVector<Trace::Id> leaves;
  CachedVector<std::optional<Trace::Id>> leaf_gradients;
  std::size_t forward_nodes = 0;
  CachedVector<SequenceMask> masks;  // of its dropouts
  detail::TracedDraws draws;
};

/// Whether the cell does for one row what it did for the more rows of `call`.
bool same_for_one_row(const CellCall& call, const StepTrace& seen);

class StepInterpreter;

class CompiledCell {
 public:
  /// Unless `lowered` is false, its step becomes a plan if it can be lowered; otherwise its ops are run as they are.
  /// Throws Unsupported if the cell cannot be compiled.
  CompiledCell(const CellCall& call, const StepTrace& seen, const Passes& passes, bool lowered = true);
  ~CompiledCell();

  /// Whether it does what `seen` did, with the same gradients.
  bool fits(const CellCall& call, const StepTrace& seen, const Passes& passes) const;

  /// Whether it may be used for one row as well, `seen` being of several.
  bool for_one_row(const CellCall& call, const StepTrace& seen);

  const Plan& plan() const { return plan_; }
  /// Why there is no plan; empty if there is one.
  const std::string& not_lowered() const { return not_lowered_; }
  /// The step program, for people.
  std::string print() const;
  const StepTrace& step() const { return *step_; }
  DType dtype() const { return dtype_; }
  bool gradients() const { return gradients_; }
  /// How the rows of a layout that has one part are to be parted for so many threads.
  Parting parting(int threads, const RowLayout& layout) const;
  /// What so many threads are worth.
  TeamCosts team_costs(int threads) const;
  /// What the chunks of a sequence take in a store; `layout` has to live as long.
  memory::ChunkSizes chunk_sizes(const RowLayout& layout) const;
  /// Every step of a sequence, as a tape shows it.
  std::vector<TapeRecord> steps(const RowLayout& layout) const;

  /// What single steps need, for T the dtype, from the leaves' values.
  template <class T>
  StepWeights<T> step_weights(std::span<const Tensor> leaves, const RowLayout& layout);

  /// What this cell's calls so far have shown, with the threads of now and steps of as many rows.
  const memory::PassTimes& pass_times(const RowLayout& layout) const;
  memory::ChunkSeconds seconds_of_chunk(const RowLayout& layout) const;

  void forward(ForwardCall call, std::span<const Tensor> leaves);
  /// The gradients of the leaves, null where there is none.
  CachedVector<Tensor> backward(BackwardCall call, std::span<const Tensor> leaves);

 private:
  void lower_step();
  Environment with_leaves(std::span<const Tensor> leaves) const;
  Environment environment(std::span<const Tensor> leaves, bool backward) const;
  void drop_unused();
  CachedVector<Tensor> backward_planned(const BackwardCall& call, std::span<const Tensor> leaves);
  memory::PassTimes& pass_times(const SequenceCall& call);

  std::string name_;
  std::unique_ptr<StepTrace> step_;
  Passes passes_;
  DType dtype_;
  bool gradients_;
  CachedVector<bool> inputs_followed_, states_followed_;
  std::string not_lowered_;
  std::optional<bool> for_one_row_;
  std::unique_ptr<StepInterpreter> interpreter_;
  Plan plan_;
  CachedVector<bool> covered_;  // by target: every element is written
  std::unique_ptr<Executor<float>> float_;
  std::unique_ptr<Executor<double>> double_;
  std::unique_ptr<Executor<float>> float_replay_;  // forward steps in the backward pass
  std::unique_ptr<Executor<double>> double_replay_;
  std::map<std::pair<int, Index>, memory::PassTimes> pass_times_;  // by threads and rows of a step
};

}  // namespace unroll::compile
