#pragma once
// A sequence step by step, with a cell's own ops. For the sources of functions over sequences.
#include "unroll/rnn/sequence.hpp"

namespace unroll {

/// The inputs with zeros for padding, so that a cell never sees what stands there.
Nest without_padding(const Sequence& sequence);

class EagerSteps {
 public:
  /// The sequence has to live as long.
  explicit EagerSteps(const Sequence& sequence);

  /// Step t: checked against what the cell declares; rows that have ended give zeros and keep their states.
  StepResult take(Index t, const Nest& inputs, const Nest& state) const;
  const SizeNest& output_size() const { return output_size_; }
  const Nest& zero_output() const { return zero_output_; }

 private:
  const Sequence& s_;
  SizeNest output_size_;
  Nest zero_output_;
};

}  // namespace unroll
