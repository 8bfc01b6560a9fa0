#pragma once
// TapeRecord: what a tape shows of a recorded call.
#include <optional>
#include <string>

#include "unroll/core/shape.hpp"

namespace unroll {

/// A recorded call of an op or, where the compiled executor ran a cell over a sequence, one of its steps: a reader of
/// the tape sees the unrolled sequence whichever executor ran.
struct TapeRecord {
  /// The op's name, "matmul"; of a step the cell's class, "LSTMCell".
  std::string name;
  /// Of a step: which one, in the order in which they were taken.
  std::optional<Index> step = {};
  /// Of a step: the rows of the batch that had not ended.
  std::optional<Index> rows = {};
  /// What is kept for the gradient: of an op the inputs and outputs that it reads again, each counted whole, also where
  /// another record or the caller holds it as well; of a step what the executor keeps beside the sequence's inputs,
  /// outputs and variables.
  Index bytes = 0;

  friend bool operator==(const TapeRecord&, const TapeRecord&) = default;
};

}  // namespace unroll
