#include "unroll/cells/rnn_cell.hpp"

#include "unroll/core/creation.hpp"

namespace unroll {

RNNCell::RNNCell(std::string name, std::optional<DType> dtype) : Module(std::move(name), dtype) {
  if (dtype && !is_floating(*dtype))
    raise<ValueError>("RNNCell", "only floating point is supported, the dtype given is ", *dtype);
}

Nest RNNCell::zero_state(Index batch_size, DType dtype) const {
  if (batch_size < 0) raise<ValueError>(class_name(), "zero_state: batch_size is ", batch_size);
  return state_size().map([&](const Shape& size) { return zeros(size.insert(0, batch_size), dtype); });
}

Nest RNNCell::get_initial_state(const InitialStateOptions& options) const {
  std::optional<Index> batch = options.batch_size;
  std::optional<DType> dtype = options.dtype;
  std::vector<Tensor> inputs = options.inputs.flatten();
  if (!inputs.empty() && inputs[0]) {
    if (inputs[0].rank() == 0) raise<ValueError>(class_name(), "get_initial_state: inputs have no batch dimension");
    Index rows = inputs[0].shape(0);
    if (batch.value_or(rows) != rows)
      raise<ValueError>(class_name(), "get_initial_state: batch_size is ", *batch, ", the inputs have ", rows, " rows");
    if (dtype.value_or(inputs[0].dtype()) != inputs[0].dtype())
      raise<ValueError>(class_name(), "get_initial_state: dtype is ", *dtype, ", the inputs are ", inputs[0].dtype());
    batch = rows;
    dtype = inputs[0].dtype();
  }
  if (!batch || !dtype) raise<ValueError>(class_name(), "get_initial_state: give inputs, or batch_size and dtype");
  return zero_state(*batch, *dtype);
}

StepResult RNNCell::operator()(const Nest& inputs, const Nest& state) {
  if (called_ && built()) return call(inputs, state);
  build(specs(inputs));
  StepResult result = within_scope([&] { return call(inputs, state); });
  called_ = true;
  return result;
}

void RNNCell::begin_sequence() {
  for (Module* module : submodules())
    if (auto* cell = dynamic_cast<RNNCell*>(module)) cell->begin_sequence();
}

Nest LSTMStateTuple(const Tensor& c, const Tensor& h) {
  static const Nest structure = Nest::named_tuple("LSTMStateTuple", {{"c", Tensor()}, {"h", Tensor()}});
  return Nest::like(structure, {c, h});
}

}  // namespace unroll
