#include "unroll/cells/learned_initial_state.hpp"

#include "unroll/autograd/ops/broadcast.hpp"

namespace unroll {

LearnedInitialState::LearnedInitialState(const RNNCell& cell, DType dtype, std::string name)
    : Module(std::move(name), dtype), state_(specs(cell.zero_state(1, dtype))) {}

void LearnedInitialState::create(const SpecNest& state) {
  int k = 0;
  state.for_each([&](const TensorSpec& spec) {
    add_variable("state_" + std::to_string(k++), spec.shape.slice(1), zeros_initializer());
  });
}

Nest LearnedInitialState::operator()(Index batch_size) {
  if (batch_size < 0) raise<ValueError>("LearnedInitialState", "batch_size is ", batch_size);
  build(state_);
  std::size_t k = 0;
  return state_.map(
      [&](const TensorSpec& spec) { return broadcast_to(own_variables()[k++], spec.shape.with(0, batch_size)); });
}

}  // namespace unroll
