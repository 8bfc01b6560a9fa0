#pragma once
// The most likely class at each step, as labels.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct CtcGreedyDecoderOptions {
  bool merge_repeated = true;  // a class that lasts for several steps is one label
  Index blank_index = -1;      // negative counts from the end
};
struct CtcGreedyDecoderResult {
  Tensor decoded;         // int64 (batch, longest), -1 behind the last label of a row
  Tensor decoded_length;  // int64 (batch,)
  Tensor neg_sum_logits;  // (batch, 1): minus the sum of the largest logits of a row's steps
};

/// The best path of ctc_loss (tf.nn.ctc_greedy_decoder): at each step the class of the largest logit, the first of
/// equal ones; then repeated ones merged and blanks removed, so that "a a blank a" is "a a". `inputs` are logits (time,
/// batch, classes), `sequence_length` int32 or int64 (batch,). Throws TypeError and ValueError for dtypes and shapes
/// that do not fit, InvalidArgumentError for a length outside of 0 .. time.
CtcGreedyDecoderResult ctc_greedy_decoder(const Tensor& inputs, const Tensor& sequence_length,
                                          const CtcGreedyDecoderOptions& options = {});

}  // namespace unroll
