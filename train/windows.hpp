#pragma once
// Batches cut along time, for the training loop.
#include "unroll/train/truncated.hpp"

namespace unroll::detail {

/// The windows of batches and the states that they begin with. A window of 0 is the batch as it is, without a state.
class Windows {
 public:
  Windows(TruncatedLoss loss, TruncatedOptions options);

  /// How many there are in a batch of so many time steps. Throws ValueError if it is not longer than the burn-in.
  Index count(Index time) const;
  /// The loss of one of them, after the burn-in that belongs to it. `carried` is the state that the one before it ended
  /// with, null if there is none, and becomes this one's.
  Tensor loss(const Batch& batch, bool targets_have_time, Index window, Nest& carried) const;
  /// Tensors of a saved state in their structure again. Throws ValueError if they are not as many.
  Nest state_of(const std::vector<Tensor>& leaves, Index rows) const;
  bool truncated() const { return options_.window > 0; }

 private:
  TruncatedLoss loss_;
  TruncatedOptions options_;
};

}  // namespace unroll::detail
