#pragma once
// The losses of TensorFlow 1 (tf.compat.v1.losses): the mean over all elements by default. The order of arguments is
// TensorFlow's: labels first, then predictions (or logits). Both have one shape and one floating dtype, in which the
// loss is computed (TensorFlow casts to float32); else ValueError or TypeError. The labels have a gradient, too, unless
// it says otherwise.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// What becomes of the weighted losses of the elements. All give 0 where they would divide by 0.
enum class Reduction {
  none,                    // left as they are
  sum,                     // TensorFlow's SUM
  mean,                    // sum / sum of weights (MEAN)
  sum_over_batch_size,     // sum / number of elements (SUM_OVER_BATCH_SIZE)
  sum_by_nonzero_weights,  // sum / number of elements with a weight that is not 0 (SUM_BY_NONZERO_WEIGHTS)
};

struct LossOptions {
  /// Factors of the elements' losses: rank 0, or the rank of the losses, each dimension 1 or theirs. Default: ones.
  Tensor weights = {};
  Reduction reduction = Reduction::sum_by_nonzero_weights;
};

/// weights * losses, reduced: what the functions below end with, for a loss of one's own. Throws ValueError for weights
/// of another shape than above.
Tensor compute_weighted_loss(const Tensor& losses, const LossOptions& options = {});

/// (predictions - labels)^2
Tensor mean_squared_error(const Tensor& labels, const Tensor& predictions, const LossOptions& options = {});
/// |predictions - labels|; the gradient at 0 is 0.
Tensor absolute_difference(const Tensor& labels, const Tensor& predictions, const LossOptions& options = {});
/// e^2 / 2 where e = |predictions - labels| <= delta, else delta e - delta^2 / 2.
Tensor huber_loss(const Tensor& labels, const Tensor& predictions, double delta = 1, const LossOptions& options = {});
/// -labels log(predictions + epsilon) - (1 - labels) log(1 - predictions + epsilon), for predicted probabilities.
Tensor log_loss(const Tensor& labels, const Tensor& predictions, double epsilon = 1e-7,
                const LossOptions& options = {});
/// max(0, 1 - (2 labels - 1) logits), for labels of 0 and 1.
Tensor hinge_loss(const Tensor& labels, const Tensor& logits, const LossOptions& options = {});
/// log(cosh(predictions - labels)), computed without overflow (tf.keras.losses.log_cosh, before its mean): a square
/// near 0, an absolute value far from it.
Tensor log_cosh(const Tensor& labels, const Tensor& predictions, const LossOptions& options = {});
/// softmax_cross_entropy_with_logits along the last axis, so there is one loss, and one weight, for each row.
/// `label_smoothing` s makes a label of n classes (1 - s) label + s / n. The labels have no gradient.
Tensor softmax_cross_entropy(const Tensor& onehot_labels, const Tensor& logits, double label_smoothing = 0,
                             const LossOptions& options = {});
/// sigmoid_cross_entropy_with_logits. `label_smoothing` s makes a label (1 - s) label + s / 2.
Tensor sigmoid_cross_entropy(const Tensor& multi_class_labels, const Tensor& logits, double label_smoothing = 0,
                             const LossOptions& options = {});

struct FocalLossOptions {
  /// The weight of labels of 1; those of 0 have 1 - alpha.
  double alpha = 0.25;
  /// How much less the loss of an element counts the surer its prediction is.
  double gamma = 2;
};
/// alpha_t (1 - p_t)^gamma times sigmoid_cross_entropy_with_logits, where p_t and alpha_t are sigmoid(logits) and alpha
/// for labels of 1, and 1 minus those for labels of 0 (Lin et al. 2017; tfa.losses.sigmoid_focal_crossentropy): for few
/// positives among many easy negatives. Throws ValueError for a gamma below 0.
Tensor sigmoid_focal_cross_entropy(const Tensor& multi_class_labels, const Tensor& logits,
                                   const FocalLossOptions& focal = {}, const LossOptions& options = {});

/// sum(x^2) / 2 of all elements (tf.nn.l2_loss).
Tensor l2_loss(const Tensor& x);

}  // namespace unroll
