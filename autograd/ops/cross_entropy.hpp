#pragma once
// Cross entropies between labels and logits: one loss for each example, not yet averaged. The order of arguments is
// TensorFlow's, labels first. Logits are float32 or float64; TypeError for other dtypes, ValueError for shapes that do
// not fit. All are computed without overflow from logits of any size.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// -sum(labels * log_softmax(logits)) along `axis` (tf.nn.softmax_cross_entropy_with_logits). The labels are
/// probabilities, of the logits' shape and dtype. The gradient of the logits is softmax(logits) - labels, as
/// TensorFlow has it: that is the derivative only where the labels sum to 1. The labels have a gradient, too.
Tensor softmax_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits, int axis = -1);

/// The same for one right class each (tf.nn.sparse_softmax_cross_entropy_with_logits): labels are int32 or int64 of
/// shape (...), logits (..., classes), the result (...). Throws TypeError for labels that are no integers,
/// InvalidArgumentError for a label outside of 0 .. classes-1.
Tensor sparse_softmax_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits);

/// For classes that do not exclude each other: -labels * log(sigmoid(logits)) - (1 - labels) * log(1 -
/// sigmoid(logits)), element by element (tf.nn.sigmoid_cross_entropy_with_logits). Labels have the logits' shape and
/// dtype.
Tensor sigmoid_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits);

/// The same with the first term, that of positive labels, times `pos_weight`, which is a number or broadcasts to the
/// logits' shape (tf.nn.weighted_cross_entropy_with_logits). Above 1 it costs more to miss a positive.
Tensor weighted_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits, const Tensor& pos_weight);
Tensor weighted_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits, double pos_weight);

}  // namespace unroll
