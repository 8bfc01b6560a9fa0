#include "unroll/rnn/initial_state.hpp"

#include "unroll/rnn/time.hpp"

namespace unroll {
namespace {

DType output_dtype(std::string_view who, const Nest& state) {
  CachedVector<Tensor> leaves = state.leaves();
  if (leaves.empty()) raise<ValueError>(who, "the state is empty: give a dtype");
  for (const Tensor& leaf : leaves)
    if (leaf.dtype() != leaves[0].dtype())
      raise<ValueError>(who, "the state has tensors of ", leaves[0].dtype(), " and of ", leaf.dtype(),
                        ": give a dtype for the outputs");
  return leaves[0].dtype();
}

// The structure has to be the cell's, and every tensor one of the cell's sizes.
void check_state(std::string_view who, const RNNCell& cell, const Nest& state, Index batch) {
  SizeNest sizes = cell.state_size();
  state.assert_same_structure(who, "initial_state", sizes);
  CachedVector<Tensor> tensors = state.leaves();
  CachedVector<Shape> expected = sizes.leaves();
  auto path = [&](std::size_t k) { return state.paths()[k]; };
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    if (!tensors[k]) raise<ValueError>(who, "initial_state", path(k), " is None (a null Tensor)");
    bool scalar = tensors[k].rank() == 0 && expected[k].rank() == 0;
    if (!scalar && tensors[k].shape() != expected[k].insert(0, batch))
      raise<ValueError>(who, "initial_state", path(k), " has shape ", tensors[k].shape(), ", expected ",
                        expected[k].insert(0, batch));
  }
}

}  // namespace

std::pair<Nest, DType> checked_initial_state(std::string_view who, const RNNCell& cell, const Nest& given,
                                             std::optional<DType> dtype, Index batch) {
  Nest state = given;
  if (!is_given(state)) {
    if (!dtype) raise<ValueError>(who, "without initial_state a dtype must be given");
    state = cell.zero_state(batch, *dtype);
  }
  check_state(who, cell, state, batch);
  return {state, dtype ? *dtype : output_dtype(who, state)};
}

}  // namespace unroll
