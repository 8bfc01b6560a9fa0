#pragma once
// compile_step: a cell as a function of one time step, for real-time threads.
#include <memory>
#include <span>

#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

namespace detail {
class StepProgram;
class StepMemory;
}  // namespace detail

/// What a cell carries from step to step, and the room in which a step is computed. Belongs to the StepFunction that
/// made it, which may be used with any number of states, each by one thread at a time. Not valid after the function's
/// end.
class StepState {
 public:
  StepState(StepState&&) noexcept;
  StepState& operator=(StepState&&) noexcept;
  ~StepState();

 private:
  friend class StepFunction;
  explicit StepState(std::unique_ptr<detail::StepMemory> memory);
  std::unique_ptr<detail::StepMemory> memory_;
};

/// One time step of a cell, compiled. A call with arrays allocates nothing, takes no lock, makes no system call and
/// throws nothing; all that was prepared by compile_step. Several threads may call one function at once, each with a
/// state of its own. Numbers too small to be normal count as 0 during a call, so that a state that fades away does not
/// make it slow; else the results are those of dynamic_rnn, but for the order in which products are summed. See
/// docs/real_time.md.
///
///     StepFunction step = compile_step(cell, 1);
///     StepState state = step.zero_state();
///     step(x, state, y);   // x and y: float arrays of one sample each
class StepFunction {
 public:
  ~StepFunction();
  StepFunction(StepFunction&&) noexcept;
  StepFunction& operator=(StepFunction&&) noexcept;

  /// `inputs` are the leaves of the cell's inputs one after another, each (batch, size) in row-major order, and
  /// `outputs` those of its outputs; input_size() and output_size() numbers. Both may be the same array. The overload
  /// of the other dtype than the function's does nothing but fill the outputs with NaN.
  void operator()(const float* inputs, StepState& state, float* outputs) const noexcept;
  void operator()(const double* inputs, StepState& state, double* outputs) const noexcept;
  /// The same for a cell with one input and one output tensor, (batch, size). Throws ValueError or TypeError if they do
  /// not fit; `output` is written in place, and copied first if another handle shares it.
  void operator()(const Tensor& input, StepState& state, Tensor& output) const;

  Index input_size() const;
  Index output_size() const;
  DType dtype() const;

  /// A state of zeros, as the cell's zero_state.
  StepState zero_state() const;
  /// Sets it to the tensors (batch, size) of a nest in the structure of the cell's state_size(). Throws ValueError or
  /// TypeError if they do not fit.
  void set_state(StepState& state, const Nest& value) const;
  Nest get_state(const StepState& state) const;
  /// Takes over the present values of the cell's variables, of which the function holds copies. Not for a real-time
  /// thread, and not while another thread takes a step.
  void update_weights();

 private:
  friend StepFunction compile_step(RNNCell&, Index, DType);
  explicit StepFunction(std::unique_ptr<detail::StepProgram> program);
  std::unique_ptr<detail::StepProgram> program_;
};

/// Compiles a cell that has been built (by dynamic_rnn, a first call, build() or load_json) for `batch` rows. The cell
/// has to outlive it only for update_weights(). Throws ValueError if the cell is not built or batch < 1, TypeError if
/// dtype is neither float32 nor float64, RuntimeError, with the reason, if the cell cannot be compiled (see explain())
/// or draws random numbers.
StepFunction compile_step(RNNCell& cell, Index batch = 1, DType dtype = float32);

}  // namespace unroll
