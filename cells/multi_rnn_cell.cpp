#include "unroll/cells/multi_rnn_cell.hpp"

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

MultiRNNCell::MultiRNNCell(std::vector<std::shared_ptr<RNNCell>> cells, MultiRNNCellOptions options)
    : RNNCell(options.name), cells_(std::move(cells)), state_is_tuple_(options.state_is_tuple) {
  if (cells_.empty()) raise<ValueError>("MultiRNNCell", "at least one cell is needed");
  for (std::size_t k = 0; k < cells_.size(); ++k) {
    if (!cells_[k]) raise<TypeError>("MultiRNNCell", "cell ", k, " is null");
    SizeNest size = cells_[k]->state_size();
    if (!state_is_tuple_ && (!size.is_leaf() || size.leaf().rank() != 1))
      raise<ValueError>("MultiRNNCell", "without state_is_tuple every state must be one matrix; that of cell ", k,
                        " is ", size);
  }
}

SizeNest MultiRNNCell::state_size() const {
  CachedVector<SizeNest> sizes;
  for (const auto& cell : cells_) sizes.push_back(cell->state_size());
  if (state_is_tuple_) return SizeNest::tuple(std::move(sizes));
  Index width = 0;
  for (const SizeNest& size : sizes) width += size.leaf()[0];
  return width;
}

Nest MultiRNNCell::zero_state(Index batch_size, DType dtype) const {
  if (!state_is_tuple_) return RNNCell::zero_state(batch_size, dtype);
  CachedVector<Nest> states;
  for (const auto& cell : cells_) states.push_back(cell->zero_state(batch_size, dtype));
  return Nest::tuple(std::move(states));
}

std::vector<Module*> MultiRNNCell::submodules() {
  std::vector<Module*> modules;
  for (const auto& cell : cells_) modules.push_back(cell.get());
  return modules;
}

void MultiRNNCell::begin_sequence() {
  for (const auto& cell : cells_) cell->begin_sequence();
}

void MultiRNNCell::create(const SpecNest& inputs) {
  SpecNest in = inputs;
  for (std::size_t k = 0; k < cells_.size(); ++k) {
    VariableScope scope("cell_" + std::to_string(k));
    cells_[k]->build(in);
    in = cells_[k]->output_size().map([&](const Shape& size) { return TensorSpec{size.insert(0, 1), dtype()}; });
  }
}

StepResult MultiRNNCell::call(const Nest& inputs, const Nest& state) {
  CachedVector<Nest> states;
  if (state_is_tuple_) {
    if (state.is_leaf())
      raise<ValueError>("MultiRNNCell", "the state is one tensor, expected a tuple of length ", cells_.size());
    if (state.size() != cells_.size())
      raise<ValueError>("MultiRNNCell", "the state has ", state.size(), " members, expected a tuple of length ",
                        cells_.size());
    for (std::size_t k = 0; k < cells_.size(); ++k) states.push_back(state[k]);
  } else {
    std::vector<Index> widths;
    for (const auto& cell : cells_) widths.push_back(cell->state_size().leaf()[0]);
    const Tensor& joined =
        matrix_state(*this, state, state.leaf().rank() ? state.leaf().shape(0) : 0, state_size().leaf()[0], dtype());
    for (Tensor& part : split(joined, widths, 1)) states.emplace_back(std::move(part));
  }
  Nest x = inputs;
  for (std::size_t k = 0; k < cells_.size(); ++k) {
    StepResult result = (*cells_[k])(x, states[k]);
    x = std::move(result.output);
    states[k] = std::move(result.state);
  }
  if (state_is_tuple_) return {x, Nest::tuple(std::move(states))};
  return {x, concat(std::vector<Tensor>(states.begin(), states.end()), 1)};
}

}  // namespace unroll
