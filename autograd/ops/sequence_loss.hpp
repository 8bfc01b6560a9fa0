#pragma once
// The loss of a model that chooses a class at each step.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct SequenceLossOptions {
  bool average_across_timesteps = true;
  bool average_across_batch = true;
  bool sum_over_timesteps = false;
  bool sum_over_batch = false;
};

/// Cross entropy of logits (batch, time, classes) with targets, int32 or int64 (batch, time), times weights (batch,
/// time), which are 0 for padding (tf.contrib.seq2seq.sequence_loss; the sums are those of tensorflow-addons). Along
/// the axes that are averaged, the sum is divided by the sum of the weights; along those that are summed, by the number
/// of weights other than 0; either plus 1e-12. The result is without these axes: by default one number.
///
/// Throws ValueError for other shapes, if one axis is both averaged and summed, or if one axis is averaged and the
/// other summed; TypeError for targets that are no integers and weights of another dtype than the logits;
/// InvalidArgumentError for a target outside of 0 .. classes-1.
Tensor sequence_loss(const Tensor& logits, const Tensor& targets, const Tensor& weights,
                     const SequenceLossOptions& options = {});

}  // namespace unroll
