#pragma once
// The checks at the door of a cell, with messages that name the cell.
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

/// The depth of the inputs that a cell is built for. Throws ValueError unless they are one tensor of rank 2 of a
/// floating dtype.
Index input_depth(const RNNCell& cell, const SpecNest& inputs);
/// The inputs as a matrix (batch, depth). Throws ValueError for a structure, another rank, an integer dtype or another
/// depth, TypeError for another dtype than that of the variables.
const Tensor& matrix_input(const RNNCell& cell, const Nest& inputs, Index depth, DType dtype);
/// A part of the state as a matrix (batch, units). Throws ValueError for another shape, TypeError for another dtype or
/// a structure.
const Tensor& matrix_state(const RNNCell& cell, const Nest& state, Index batch, Index units, DType dtype);

/// A number of units or the like: ValueError if negative.
Index checked_units(std::string_view cell, std::string_view what, Index units);
/// The width of an LSTM's h: num_proj or num_units. Throws ValueError for a num_proj below 1.
Index checked_projection(std::string_view cell, Index num_units, std::optional<Index> num_proj);
/// Throws ValueError for a negative bound.
void checked_clip(std::string_view cell, std::string_view what, std::optional<double> clip);

/// An optional argument as it is saved.
template <class T>
ConfigValue or_null(const std::optional<T>& value) {
  return value ? ConfigValue(*value) : ConfigValue();
}

}  // namespace unroll
