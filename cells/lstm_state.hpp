#pragma once
// The two forms of an LSTM's state.
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

/// LSTMStateTuple(c, h), or one tensor [c, h] of both widths.
SizeNest lstm_state_size(Index c, Index h, bool state_is_tuple);
/// c and h of either form. Throws ValueError or TypeError if the state does not fit.
std::pair<Tensor, Tensor> lstm_state_parts(const RNNCell& cell, const Nest& state, Index batch, Index c, Index h,
                                           bool state_is_tuple, DType dtype);
Nest lstm_state(const Tensor& c, const Tensor& h, bool state_is_tuple);

}  // namespace unroll
