#pragma once
#include <functional>

#include "unroll/cells/cell_wrapper.hpp"
#include "unroll/cells/step_random.hpp"

namespace unroll {

/// Which tensors of a state are dropped. Called with the whole state, then with the parts of it: true goes on with the
/// parts of a structure, and drops from a tensor; false leaves alone all there is in it. Instead of one answer for a
/// structure, a tuple (or named tuple, or dict) of the same members answers for each of them.
using DropoutStateFilter = std::function<NestOf<bool>(const Nest& substate)>;

struct DropoutWrapperOptions {
  double input_keep_prob = 1;
  double output_keep_prob = 1;
  double state_keep_prob = 1;
  /// One mask for all steps, and for all rows, of a sequence (Gal and Ghahramani 2016, arXiv:1512.05287), instead of a
  /// new one for each step and row. Requires `dtype`, and `input_size` if inputs are dropped.
  bool variational_recurrent = false;
  std::optional<SizeNest> input_size = {};  // of the inputs, without the batch
  std::optional<DType> dtype = {};          // of inputs, state and outputs
  /// Equal seeds give equal masks in the same order of calls. By default the global generator is asked.
  std::optional<std::uint64_t> seed = {};
  /// By default all but the c of an LSTMStateTuple.
  DropoutStateFilter dropout_state_filter_visitor = {};
};

/// Dropout around a cell (tf.nn.rnn_cell.DropoutWrapper; Zaremba et al. 2014, arXiv:1409.2329):
///
///     output, new state = cell(drop(inputs), state)
///     output = drop(output), new state = drop(new state)
///
/// where drop sets elements to zero with probability 1 - keep and divides the others by keep. All masks are
/// independent: what is emitted is not the h that is carried on. A keep probability of 1 does nothing. The new state is
/// dropped, never the initial one. Throws TypeError if the cell is null, ValueError unless the probabilities are in 0
/// .. 1 or if variational_recurrent lacks an option; a call throws ValueError if one is 0.
class DropoutWrapper : public CellWrapper {
 public:
  explicit DropoutWrapper(std::shared_ptr<RNNCell> cell, DropoutWrapperOptions options = {});
  template <std::derived_from<RNNCell> Cell>
  explicit DropoutWrapper(Cell cell, DropoutWrapperOptions options = {})
      : DropoutWrapper(shared_cell(std::move(cell)), std::move(options)) {}

  std::string class_name() const override { return "DropoutWrapper"; }
  Config config() const override;
  void begin_sequence() override;
  std::deque<std::uint64_t>* random_draws() override { return random_.draws(); }

  /// With false nothing is dropped: the cell as it is evaluated.
  void set_training(bool training) { training_ = training; }

 private:
  StepResult call(const Nest& inputs, const Nest& state) override;
  Tensor drop(const Tensor& x, double keep, std::uint64_t slot);
  Nest drop_leaves(const Nest& nest, double keep, std::uint64_t first_slot);
  Nest drop_state(const Nest& state, const Nest& whole, std::uint64_t& slot);

  DropoutWrapperOptions options_;
  StepRandom random_;
  bool training_ = true;
};

}  // namespace unroll
