#include "unroll/cells/lstm_state.hpp"

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {

SizeNest lstm_state_size(Index c, Index h, bool state_is_tuple) {
  if (!state_is_tuple) return c + h;
  static const SizeNest structure = SizeNest::named_tuple("LSTMStateTuple", {{"c", 1}, {"h", 1}});
  return SizeNest::like(structure, {c, h});
}

std::pair<Tensor, Tensor> lstm_state_parts(const RNNCell& cell, const Nest& state, Index batch, Index c, Index h,
                                           bool state_is_tuple, DType dtype) {
  if (!state_is_tuple) {
    const Tensor& both = matrix_state(cell, state, batch, c + h, dtype);
    std::vector<Tensor> parts = split(both, {c, h}, 1);
    return {parts[0], parts[1]};
  }
  if (state.is_leaf()) raise<TypeError>(cell.class_name(), "the state is one tensor, expected LSTMStateTuple(c, h)");
  if (state.size() != 2)
    raise<ValueError>(cell.class_name(), "the state has ", state.size(), " members, expected LSTMStateTuple(c, h)");
  return {matrix_state(cell, state[0], batch, c, dtype), matrix_state(cell, state[1], batch, h, dtype)};
}

Nest lstm_state(const Tensor& c, const Tensor& h, bool state_is_tuple) {
  return state_is_tuple ? LSTMStateTuple(c, h) : Nest(concat(c, h, 1));
}

}  // namespace unroll
