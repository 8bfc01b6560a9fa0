#pragma once
// Connectionist temporal classification: a loss for labels without positions in time.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct CtcLossOptions {
  bool logits_time_major = true;  // logits are (time, batch, classes), else (batch, time, classes)
  Index blank_index = 0;          // the class of no label; negative counts from the end (tf.compat.v1.nn.ctc_loss: -1)
  /// Rows whose labels need more time than there is: true gives them a loss of 0 and no gradient, false throws.
  bool ignore_longer_outputs_than_inputs = false;
};

/// -log of the probability of each row's labels, summed over all ways to spread them over time: a label may last for
/// several steps, with blanks between labels, and at least one between equal ones (tf.nn.ctc_loss; Graves et al. 2006).
/// labels are int32 or int64 (batch, labels), of which the first label_length[row] count; logits, not yet normalised,
/// count up to logit_length[row], and what stands beyond is not looked at. The result is (batch,). Computed with
/// logarithms, so that long sequences do not underflow; no gradient for labels.
///
/// Throws TypeError unless labels and lengths are int32 or int64 and logits float32 or float64; ValueError for shapes
/// that do not fit or a blank_index outside; InvalidArgumentError for lengths out of range, a label that is no class or
/// the blank, and for labels longer than time (label_length, plus one for each pair of equal neighbours).
Tensor ctc_loss(const Tensor& labels, const Tensor& logits, const Tensor& label_length, const Tensor& logit_length,
                const CtcLossOptions& options = {});

}  // namespace unroll
