#include "unroll/autograd/ops/sequence_loss.hpp"

#include <vector>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/reduce.hpp"

namespace unroll {

Tensor sequence_loss(const Tensor& logits, const Tensor& targets, const Tensor& weights,
                     const SequenceLossOptions& options) {
  std::string_view who = "sequence_loss";
  if (logits.rank() != 3 || targets.shape() != logits.shape().slice(0, 2) || weights.shape() != targets.shape())
    raise<ValueError>(who, "logits has shape ", logits.shape(), ", targets ", targets.shape(), ", weights ",
                      weights.shape(), "; expected (batch, time, classes), (batch, time) and (batch, time)");
  bool average = options.average_across_timesteps || options.average_across_batch;
  bool sum = options.sum_over_timesteps || options.sum_over_batch;
  if (average && sum) raise<ValueError>(who, "an axis is averaged and an axis is summed; expected one of them");

  Tensor losses = sparse_softmax_cross_entropy_with_logits(targets, logits) * weights;
  if (!average && !sum) return losses;
  std::vector<Index> axes;
  if (options.average_across_batch || options.sum_over_batch) axes.push_back(0);
  if (options.average_across_timesteps || options.sum_over_timesteps) axes.push_back(1);
  Tensor counted = average ? weights : cast(not_equal(weights, 0), weights.dtype());
  return reduce_sum(losses, axes) / (reduce_sum(counted, axes) + 1e-12);
}

}  // namespace unroll
