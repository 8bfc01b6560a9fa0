#include "unroll/rnn/keras/rnn.hpp"

#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/reverse.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/cells/keras/cell.hpp"
#include "unroll/cells/keras/stacked_rnn_cells.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"
#include "unroll/rnn/keras/masked_cell.hpp"
#include "unroll/rnn/time.hpp"

namespace unroll::keras {
namespace {

constexpr std::string_view who = "keras.RNN";

bool is_keras(const RNNCell& cell) {
  return dynamic_cast<const Cell*>(&cell) || dynamic_cast<const StackedRNNCells*>(&cell);
}

bool all_zero(const std::vector<Tensor>& tensors) {
  for (const Tensor& t : tensors)
    if (!array_equal(t, zeros_like(t))) return false;
  return true;
}

// The steps that count of time-major inputs; what stands in the others is replaced by zeros.
Nest without_masked(const Nest& inputs, const Tensor& mask) {
  return inputs.map([&](const Tensor& x) {
    Shape shape = mask.shape();
    while (shape.rank() < x.rank()) shape = shape + Shape{1};
    return where(reshape(mask, shape), x, zeros({}, x.dtype()));
  });
}

// The inputs of one step, as the cell gets them.
SpecNest step_specs(const Nest& time_major) {
  return time_major.map([](const Tensor& x) { return TensorSpec{x.shape().without(0), x.dtype()}; });
}

}  // namespace

RNN::RNN(std::shared_ptr<RNNCell> cell, RNNOptions options) : cell_(std::move(cell)), options_(std::move(options)) {
  if (!cell_) raise<TypeError>(who, "the cell is null, expected an RNNCell");
}

RNN::RNN(std::vector<std::shared_ptr<RNNCell>> cells, RNNOptions options)
    : RNN(std::make_shared<StackedRNNCells>(std::move(cells)), std::move(options)) {}

Config RNN::config() const {
  return {{"return_sequences", options_.return_sequences},
          {"return_state", options_.return_state},
          {"go_backwards", options_.go_backwards},
          {"stateful", options_.stateful},
          {"time_major", options_.time_major},
          {"zero_output_for_mask", options_.zero_output_for_mask}};
}

std::string RNN::default_name() const {
  if (!options_.name.empty()) return options_.name;
  return to_snake_case(class_name().substr(class_name().find('.') + 1));
}

std::shared_ptr<RNN> RNN::remake(RNNOptions) const {
  raise<ValueError>(class_name(), "a layer around a cell cannot be made again: give a backward_layer");
}

void RNN::create(const SpecNest& inputs) {
  if (is_keras(*cell_)) {
    cell_->build(inputs);
    return;
  }
  std::string path = VariableScope::current(), own = name();
  path.resize(path.size() - own.size());
  if (path.ends_with('/')) path.pop_back();
  VariableScope around = VariableScope::absolute(path);
  cell_->build(inputs);
}

Nest RNN::first_state(const RNNCallOptions& options, Index batch, DType dtype) {
  SizeNest sizes = cell_->state_size();
  if (options_.stateful && !states_.empty() && states_[0].rank() > 0 && states_[0].shape(0) != batch)
    raise<ValueError>(class_name(), "the layer is stateful and was called with a batch of ", states_[0].shape(0),
                      ", now with ", batch);
  bool recorded = options_.stateful && !states_.empty();
  if (!options.initial_state.empty() && (!recorded || all_zero(states_))) {
    if (options.initial_state.size() != sizes.leaf_count())
      raise<ValueError>(class_name(), options.initial_state.size(), " initial states are given, expected ",
                        sizes.leaf_count());
    return sizes.pack(options.initial_state);
  }
  return recorded ? sizes.pack(states_) : cell_->zero_state(batch, dtype);
}

RNNResult RNN::operator()(const Nest& inputs, const RNNCallOptions& options) {
  std::vector<Tensor> leaves = inputs.flatten();
  if (leaves.empty() || !leaves[0] || leaves[0].rank() < 3)
    raise<ValueError>(class_name(), "inputs must have rank 3 or more: (batch, time, ...)");
  Nest x = options_.time_major ? inputs : inputs.map(swap_batch_and_time);
  leaves = x.flatten();
  Index time = leaves[0].shape(0), batch = leaves[0].shape(1);
  if (time == 0 && !options_.return_sequences) raise<ValueError>(class_name(), "there is no step, so no last output");

  Tensor mask = options.mask;
  if (mask) {
    if (mask.dtype() != bool_) raise<TypeError>(class_name(), "mask is ", mask.dtype(), ", expected bool");
    Shape expected = options_.time_major ? Shape{time, batch} : Shape{batch, time};
    if (mask.shape() != expected)
      raise<ValueError>(class_name(), "mask has shape ", mask.shape(), ", expected ", expected);
    if (!options_.time_major) mask = swap_batch_and_time(mask);
    x = without_masked(x, mask);
  }
  if (options_.go_backwards) {
    x = x.map([](const Tensor& t) { return reverse(t, {0}); });
    if (mask) mask = reverse(mask, {0});
  }
  if (!options.constants.empty()) {
    std::vector<Nest> members{x};
    for (const Tensor& c : options.constants)
      members.emplace_back(broadcast_to(expand_dims(c, 0), c.shape().insert(0, time)));
    x = Nest::tuple(std::move(members));
  }
  build(step_specs(x));
  Nest state = first_state(options, batch, leaves[0].dtype());
  DynamicRnnOptions run{.initial_state = state, .dtype = leaves[0].dtype(), .time_major = true, .scope = {}};
  Nest outputs, last;
  if (mask) {
    MaskedCell masked(*cell_, options_.zero_output_for_mask);
    run.initial_state = Nest::tuple({state, masked.zero_state(batch, *run.dtype)[1]});
    DynamicRnnResult result = dynamic_rnn(masked, Nest::tuple({x, expand_dims(mask, 2)}), run);
    outputs = result.outputs;
    last = result.state[0];
  } else {
    DynamicRnnResult result = dynamic_rnn(*cell_, x, run);
    outputs = result.outputs;
    last = result.state;
  }

  if (options_.stateful) {
    states_ = last.flatten();
    for (Tensor& t : states_) t = stop_gradient(t);
  }
  RNNResult result;
  if (options_.return_state) result.states = last.flatten();
  if (!options_.return_sequences)
    result.output = outputs.map([&](const Tensor& y) { return row(y, time - 1); });
  else
    result.output = options_.time_major ? outputs : outputs.map(swap_batch_and_time);
  return result;
}

void RNN::reset_states(const std::vector<Tensor>& states) {
  if (!options_.stateful) raise<RuntimeError>(class_name(), "reset_states: the layer must be stateful");
  if (states.empty()) {
    for (Tensor& t : states_) t = zeros_like(t);
    return;
  }
  if (states.size() != cell_->state_size().leaf_count())
    raise<ValueError>(class_name(), "reset_states: ", states.size(), " states are given, expected ",
                      cell_->state_size().leaf_count());
  for (std::size_t k = 0; k < states_.size(); ++k)
    if (states[k].shape() != states_[k].shape())
      raise<ValueError>(class_name(), "reset_states: state ", k, " has shape ", states[k].shape(), ", expected ",
                        states_[k].shape());
  states_ = states;
}

}  // namespace unroll::keras
